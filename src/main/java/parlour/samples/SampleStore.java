package parlour.samples;

import java.time.Instant;

/** The samples of the installation. Every method throws {@link parlour.Unavailable}. */
public interface SampleStore extends SampleSink {
  /** The numbers of all processes in the complete steps before an instant ({@code POST /v1/Samples/read}). */
  History read(Span span, Instant now);
}
