import { expect, test } from 'vitest';
import { grouped } from '../src/dom/groups';

const at = (author: string, time: string, day = '22') => ({ author, date_created: `2025-11-${day}T${time}` });

test('messages of one author within five minutes of each other form a group, on one day', () => {
  const places = grouped([
    at('ada', '12:00:00'), at('ada', '12:05:00'), at('ada', '12:10:00'),
    at('ann', '12:10:01'),
    at('ada', '12:10:02'),
    at('ada', '12:15:03'),
    at('ada', '23:59:59'),
    at('ada', '00:00:00', '23'),
  ]);
  const groups = places.map(({ isFirst, isLast }) => `${isFirst ? '(' : ''}.${isLast ? ')' : ''}`).join('');
  expect(groups).toBe('(...)(.)(.)(.)(.)(.)');
});

test('two messages that may not be joined are in two groups', () => {
  const messages = [{ ...at('ann', '12:00:00'), isNote: false }, { ...at('ann', '12:00:01'), isNote: true }];
  expect(grouped(messages, (one, next) => one.isNote === next.isNote)).toEqual([
    { isFirst: true, isLast: true }, { isFirst: true, isLast: true },
  ]);
});
