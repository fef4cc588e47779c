package parlour.conversations;

/**
 * A participant is typing.
 *
 * @param number grows with each; a client that received it receives only higher ones
 */
public record Typing(Participant participant, long number) {}
