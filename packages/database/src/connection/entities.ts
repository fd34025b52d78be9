/** Every table that TypeORM knows. */
export const ENTITIES = [] as const;
