package parlour.config;

/** Environment variables in which Kubernetes gives a pod the addresses of other Services. */
final class ServiceLink {
  private ServiceLink() {}

  /**
   * Whether a variable is a link to a Service whose name begins with parlour: parlour-edge gives
   * PARLOUR_EDGE_SERVICE_HOST, PARLOUR_EDGE_PORT and so on. A Service named parlour-public gives
   * PARLOUR_PUBLIC_PORT, and only the value shows that this is not the setting.
   */
  static boolean is(String name, String value) {
    return name.matches("PARLOUR_(.+_)?SERVICE_(HOST|PORT(_.+)?)")
        || name.matches("PARLOUR_(.+_)?PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
        || (name.matches("PARLOUR_(.+_)?PORT") && value.matches("(tcp|udp|sctp)://.*"));
  }
}
