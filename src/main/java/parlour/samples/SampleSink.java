package parlour.samples;

import java.util.List;

/** Where a process writes its samples: the store of ScopedAuthService, here or elsewhere. */
public interface SampleSink {
  /**
   * Stores samples ({@code POST /v1/Samples/store}). A sample that is stored again is kept once, so
   * a call can be repeated. Those of more than {@link parlour.Limits#SAMPLE_PROCESSES} processes in
   * one minute are not kept.
   *
   * @param samples at most {@link parlour.Limits#SAMPLES_WAITING}
   * @throws parlour.Unavailable if they may not have been stored
   */
  void store(List<Sample> samples);
}
