package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import parlour.config.Role;

class RoleOrderTest {
  @Test
  void every_role_starts_once_and_after_the_roles_that_it_calls() {
    Set<Role> started = EnumSet.noneOf(Role.class);
    for (RoleOrder.Step step : RoleOrder.STEPS) {
      assertThat(started).as("before %s", step.role()).containsAll(step.calls());
      assertThat(started.add(step.role())).as("%s once", step.role()).isTrue();
    }
    assertThat(started).containsExactlyInAnyOrder(Role.values());
  }
}
