package parlour;

/** The environment variables by which Kubernetes tells a pod of the Services beside it. */
final class ServiceLink {
  private ServiceLink() {}

  /**
   * Whether a variable is one, of a Service whose name begins with parlour: parlour-edge gives
   * PARLOUR_EDGE_SERVICE_HOST, PARLOUR_EDGE_PORT and so on. One named parlour-public gives
   * PARLOUR_PUBLIC_PORT, and only its value tells that it is no setting.
   */
  static boolean is(String name, String value) {
    return name.matches("PARLOUR_(.+_)?SERVICE_(HOST|PORT(_.+)?)")
        || name.matches("PARLOUR_(.+_)?PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
        || (name.matches("PARLOUR_(.+_)?PORT") && value.matches("(tcp|udp|sctp)://.*"));
  }
}
