import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
	ApolloServerPluginCacheControlDisabled,
	ApolloServerPluginLandingPageDisabled,
	ApolloServerPluginSchemaReportingDisabled,
	ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from '@graft/runtime/logger';
import type { GraphQLSchema } from 'graphql';
import type { ApiContext } from '../context/api-context.js';
import { formatError } from '../error/error-edge.js';
import { MAX_TOKENS, refuseCostly } from '../schema/query-cost.js';

const costLimit = (schema: GraphQLSchema): ApolloServerPlugin<ApiContext> => ({
	requestDidStart: async () => ({
		didResolveOperation: async ({ document, operationName, request }) => {
			const refused = refuseCostly(schema, document, operationName, request.variables ?? {});
			if (refused) throw refused;
		},
	}),
});

export function createApollo(schema: GraphQLSchema, logger: Logger): ApolloServer<ApiContext> {
	return new ApolloServer<ApiContext>({
		schema,
		logger,
		introspection: true,
		csrfPrevention: true,
		persistedQueries: false,
		includeStacktraceInErrorResponses: false,
		// Our own shutdown has an order of steps, and Apollo is one of them.
		stopOnTerminationSignals: false,
		parseOptions: { maxTokens: MAX_TOKENS },
		formatError: (formatted, error) => {
			// Apollo gives the codes of syntax, validation and variables; ours come with the error.
			const ours = formatError(error, logger);
			return { ...ours, extensions: { ...formatted.extensions, ...ours.extensions } };
		},
		plugins: [
			costLimit(schema),
			ApolloServerPluginLandingPageDisabled(),
			ApolloServerPluginCacheControlDisabled(),
			// No variable of the environment makes Graft tell anybody anything.
			ApolloServerPluginUsageReportingDisabled(),
			ApolloServerPluginSchemaReportingDisabled(),
		],
	});
}
