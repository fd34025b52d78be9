import type { Engine } from '@graft/engine';
import { createLoaders, type Loaders } from './loaders.js';

/** What a resolver may use. Made anew for each operation, and for each event of a subscription. */
export interface ApiContext {
	readonly engine: Engine;
	readonly loaders: Loaders;
	/** Where this client reaches the API, without a slash at the end: for links to artifacts. */
	readonly baseUrl: string;
	readonly now: () => Date;
}

export type ContextBase = Omit<ApiContext, 'loaders'>;

export const freshContext = ({ engine, baseUrl, now }: ContextBase): ApiContext => ({
	engine,
	baseUrl,
	now,
	loaders: createLoaders(engine),
});
