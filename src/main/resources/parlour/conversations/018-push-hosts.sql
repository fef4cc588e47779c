-- Whether a host has accepted a push is read when another guest subscribes there; the order by session makes PostgreSQL use this index
-- also for hosts that few rows have.
CREATE INDEX push_subscription_by_service ON push_subscription (service, session_sid);

-- how many calls of the host had no answer, each while another host of its entry in push.services answered
ALTER TABLE push_subscription ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0;
