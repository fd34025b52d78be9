import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';

/** An operation as text that knows the types of its variables and its answer; `npm run codegen` writes them. */
export type TypedDocument<Result, Variables> = DocumentTypeDecoration<Result, Variables> & { toString(): string };
