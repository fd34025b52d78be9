import { v7 } from 'uuid';

/** A UUID of version 7: rows get their ids in the order of their making, which keeps B-tree inserts local. */
export const newId = (): string => v7();
