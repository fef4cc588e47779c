package parlour.conversations;

/**
 * Someone is typing.
 *
 * @param number grows with each: who was told it is told later ones only
 */
public record Typing(Participant participant, long number) {}
