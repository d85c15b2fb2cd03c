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
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "long",
          include: ["packages/*/src/**/*.long.test.ts", "test/**/*.long.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 180_000,
        },
      },
    ],
  },
})
