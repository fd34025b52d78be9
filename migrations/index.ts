/** Every migration in its order. A new one is appended; one that was released is never changed. */
export const migrations: readonly (new () => import('typeorm').MigrationInterface)[] = [];
