-- The history of the metrics, for the plots of the console. A row has the numbers of a process in a
-- minute (step_minutes 1), or of all processes together in a step of 10 or 60 minutes (process ''), as
-- JSON. at is the beginning of the step.

CREATE TABLE sample (
  step_minutes INTEGER NOT NULL,
  at BIGINT NOT NULL,
  process TEXT NOT NULL,
  numbers TEXT NOT NULL,
  PRIMARY KEY (step_minutes, at, process)
);
