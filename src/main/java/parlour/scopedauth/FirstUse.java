package parlour.scopedauth;

/**
 * The first use of a token of a new generation.
 *
 * @param isBound whether the token is bound to a key, as its session must be
 * @param isExact whether the browser differs in no signal from the one that the token was issued to
 */
record FirstUse(TokenGeneration token, boolean isBound, boolean isExact) {}
