package parlour.spec.wrong.starship;

/** Uses nothing. A tool that uses it closes a circle of packages. */
public final class Overreached {}
