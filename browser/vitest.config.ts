import { defineConfig } from 'vitest/config';

// Vitest prints failures by it, and Node 20 has none.
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  let at = 0;
  for (const item of items) {
    const key = keyOf(item, at++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

const alone = ['test/inbox-*.test.ts', 'test/push.test.ts'];

export default defineConfig({
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'https://shop.example.com/' } },
    restoreMocks: true,
    testTimeout: 120_000, // a busy machine is no failure
    projects: [
      // The files share a page, from which test/page.ts removes each chat: that halves their time.
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false } },
      // These replace modules, or leave an inbox on their page.
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});
