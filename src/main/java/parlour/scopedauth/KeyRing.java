package parlour.scopedauth;

import java.util.List;

/** The keys of the installation, for an operator. Every method throws {@link parlour.Unavailable}. */
public interface KeyRing {
  /** All keys, oldest first ({@code POST /v1/KeyRing/list}). */
  List<ListedKey> list();

  /**
   * Adds a key that becomes primary shortly, unless somebody else has added one since the operator looked, so that
   * only one of two operators does it ({@code POST /v1/KeyRing/rotate}).
   *
   * @param newest the id of the newest token key that the operator has seen
   * @return whether a key was added
   */
  boolean rotate(String newest);
}
