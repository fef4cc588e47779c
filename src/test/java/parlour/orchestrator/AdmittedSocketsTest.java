package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import parlour.Unavailable;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

class AdmittedSocketsTest {
  private final AdmittedSockets sockets = new AdmittedSockets();

  /** A socket that the directory allows, unless its check throws something. */
  private static class OneSocket implements AdmittedSockets.Admitted {
    final AtomicInteger checks = new AtomicInteger();
    final BlockingQueue<ErrorCode> refusals = new LinkedBlockingQueue<>();

    @Override
    public void readmit() {
      checks.incrementAndGet();
    }

    @Override
    public void refuse(Problem problem) {
      refusals.add(problem.code());
    }
  }

  @Test
  void an_open_socket_is_checked_once_for_each_version_of_the_directory() {
    OneSocket socket = new OneSocket();
    sockets.during(socket, () -> {
      sockets.directoryIs(1);
      sockets.directoryIs(1);
      assertThat(socket.checks).hasValue(1);
      sockets.directoryIs(2);
      assertThat(socket.checks).hasValue(2);
    });
    sockets.directoryIs(3);
    assertThat(socket.checks).as("it is over").hasValue(2);
    assertThat(socket.refusals).isEmpty();
  }

  @Test
  void a_socket_that_the_directory_forbids_is_refused_and_a_slow_client_delays_no_other()
      throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    OneSocket slow = new OneSocket() {
      @Override
      public void readmit() {
        throw new Problem(ErrorCode.ORIGIN_NOT_ALLOWED);
      }

      @Override
      public void refuse(Problem problem) {
        try {
          mayRead.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        super.refuse(problem);
      }
    };
    OneSocket other = new OneSocket();
    sockets.during(slow, () -> sockets.during(other, () -> sockets.directoryIs(1)));
    assertThat(other.checks).hasValue(1);
    mayRead.countDown();
    assertThat(slow.refusals.poll(60, TimeUnit.SECONDS)).isEqualTo(ErrorCode.ORIGIN_NOT_ALLOWED);
    assertThat(other.refusals).isEmpty();
  }

  @Test
  void an_outage_refuses_no_socket_and_the_next_call_checks_again() {
    for (RuntimeException outage : new RuntimeException[] {
      new Unavailable("a directory", "down", null), new Problem(ErrorCode.CONFIGURATION_UNAVAILABLE)
    }) {
      AdmittedSockets these = new AdmittedSockets();
      OneSocket socket = new OneSocket() {
        @Override
        public void readmit() {
          super.readmit();
          if (checks.get() == 1) {
            throw outage;
          }
        }
      };
      these.during(socket, () -> {
        these.directoryIs(1);
        these.directoryIs(1);
        these.directoryIs(1);
      });
      assertThat(socket.checks).hasValue(2);
      assertThat(socket.refusals).isEmpty();
    }
  }
}
