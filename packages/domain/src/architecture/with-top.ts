import type { Architecture } from './architecture.js';

/** The architecture with the classifier of its published weights as one more freeze point. */
export function withTop(architecture: Architecture): Architecture {
	const { top = [], ...rest } = architecture;
	return {
		...rest,
		name: `${architecture.name}-top`,
		groups: [...architecture.groups, { name: 'classifier', layers: top }],
	};
}
