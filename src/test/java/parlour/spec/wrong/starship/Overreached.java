package parlour.spec.wrong.starship;

/** Uses nothing; who uses it closes a circle. */
public final class Overreached {}
