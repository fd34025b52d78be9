import type { Engine } from '@graft/engine';
import { createLoaders, type Loaders } from './loaders.js';

/** What a resolver may use. Made anew for each operation, and for each event of a subscription. */
export interface ApiContext {
	readonly engine: Engine;
	readonly loaders: Loaders;
	/** Where this client reaches the API, without a slash at the end: for links to artifacts. */
	readonly baseUrl: string;
	readonly now: () => Date;
	/** Whether this client may still read: streams ask again while they live, at each frame and without one. */
	readonly stillAllowed: () => boolean | Promise<boolean>;
}

export type ContextBase = Omit<ApiContext, 'loaders'>;

export const freshContext = ({ engine, baseUrl, now, stillAllowed }: ContextBase): ApiContext => ({
	engine,
	baseUrl,
	now,
	stillAllowed,
	loaders: createLoaders(engine),
});
