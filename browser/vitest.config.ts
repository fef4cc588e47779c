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

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'https://shop.example.com/' } },
    restoreMocks: true,
    testTimeout: 120_000, // a busy machine is no failure
  },
});
