import { defineConfig } from "vitest/config"

/** `unit` runs in seconds and belongs to every check; `long` holds crash and endurance tests. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "test/*.test.ts",
            "test/{portable,valkey}/**/*.test.ts",
          ],
          exclude: ["**/*.long.test.ts"],
          // For what hangs: some work for seconds, and on a busy machine for many times that.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
          // Many of these wait for files, timers and programs: as many at once as there are cores. A
          // worker goes from file to file with what it has imported, which is half the time of most.
          maxWorkers: "100%",
          isolate: false,
        },
      },
      {
        test: {
          name: "long",
          include: ["packages/*/src/**/*.long.test.ts", "test/**/*.long.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
})
