import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { type Command, InvalidArgumentError } from 'commander';
import { readEnv } from '../env.js';
import { defaultDataDir } from '../platform/paths.js';
import { stopSignal } from '../platform/until-stopped.js';
import { wholeNumber } from '../terminal/numbers.js';
import { printJson, printLines } from '../terminal/output.js';
import { bringWeights, type WeightsRequest } from '../weights/bring-weights.js';
import { registerWeights } from '../weights/register-weights.js';
import { createStageBars } from '../weights/stage-bars.js';
import { resolveApi } from './platform-flags.js';

interface BackboneFlags {
	readonly architecture?: string;
	readonly name?: string;
	readonly source?: string;
	readonly licence?: string;
	readonly inputShape?: readonly number[];
	readonly ignore: readonly string[];
	readonly api?: string;
	readonly data?: string;
	readonly json?: boolean;
}

const IMPORT = `
Files: Keras .h5 (weights or whole models), .weights.h5 and .keras; a Hugging Face folder, its config.json or
model.safetensors; a TensorFlow.js model.json; a checkpoint of Graft. Every tensor must be there by name and shape; what is
missing, wrong or too much is listed, and nothing is registered.

Examples:
  graft backbone import resnet50_weights.h5 --architecture resnet50 --name resnet50-imagenet
  graft backbone import ./bert-base-uncased --name bert
  graft backbone import my-model.keras --architecture vgg16 --ignore 'dense*' --name my-vgg
`;
const PULL = `
Names: owner/model of Hugging Face (with @revision where it is not the newest), or keras/vgg16, keras/resnet50,
keras/inception-v3, keras/mobilenet-v2 (with -top for the ones that have the classifier). A pull that was cut off goes on
where it was. Environment: HF_ENDPOINT, HF_TOKEN, HTTPS_PROXY, NO_PROXY.

Examples:
  graft backbone pull google-bert/bert-base-uncased
  graft backbone pull keras/mobilenet-v2 --name mobilenet
`;

export function addBackbone(program: Command): void {
	const backbone = program.command('backbone').description('Weights from elsewhere as backbones.').exitOverride();
	const importing = backbone
		.command('import')
		.argument('<file>', 'file or folder of weights')
		.description('Make a backbone of weights that lie here.')
		.addHelpText('after', IMPORT)
		.action((file: string, flags: BackboneFlags) => bring({ file }, path.parse(file).name, flags));
	const pulling = backbone
		.command('pull')
		.argument('<name>', 'owner/model, or keras/NAME')
		.description('Fetch published weights and make a backbone of them.')
		.addHelpText('after', PULL)
		.action((pull: string, flags: BackboneFlags) => bring({ pull }, pull.split('/').at(-1) ?? pull, flags));
	for (const command of [importing, pulling]) {
		command
			.option('--architecture <name>', 'what the weights are weights of (default: what they say themselves)')
			.option('--name <name>', "name of the backbone (default: the file's or the model's)")
			.option('--input-shape <shape>', 'inputs that it is counted for, such as 160x160x3 or 3x128', parseShape)
			.option('--source <text>', 'where the weights come from (default: the file or the address)')
			.option('--licence <text>', "licence of the weights (default: what the model's page says)")
			.option('--ignore <tensor>', 'a tensor that may be left out, or with a star a beginning; repeatable', collect, [])
			.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
			.option('--data <dir>', 'where downloads are kept (default: .graft in the checkout)')
			.option('--json', 'print the backbone as one JSON object on stdout')
			.exitOverride();
	}
}

async function bring(
	from: { file: string } | { pull: string },
	givenName: string,
	flags: BackboneFlags,
): Promise<void> {
	const dataDir = path.resolve(flags.data ?? readEnv().dataDir ?? defaultDataDir());
	const request: WeightsRequest = { ...from, architecture: flags.architecture ?? null, ignore: flags.ignore };
	const stop = new AbortController();
	stopSignal(() => stop.abort());
	const bars = createStageBars();
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const weights = await bringWeights(request, dataDir, stop.signal, bars.show);
		const { name = givenName, source = null, licence = null, inputShape = null } = flags;
		const naming = { name, source, licence, inputShape };
		const { id } = await registerWeights(client, weights, naming, (done, total) => bars.show('upload', done, total));
		bars.rest();
		const { file: _, tokenizer, ...facts } = weights;
		if (flags.json) printJson({ id, name, hasTokenizer: tokenizer !== null, ...facts });
		else printLines(summaryOf(name, weights));
	} finally {
		bars.rest();
		await client.close();
	}
}

function summaryOf(name: string, weights: Awaited<ReturnType<typeof bringWeights>>): string[] {
	const { architecture, format, tensors, parameters, digest, leftOut, tokenizer } = weights;
	return [
		`Backbone ${name}: ${architecture} from ${format}, ${tensors} tensors, ${wholeNumber(parameters)} parameters.`,
		`sha256 ${digest}`,
		...(tokenizer === null ? [] : ['Its tokenizer came with it.']),
		...(leftOut.length === 0 ? [] : [`Left out, for it is no part of ${architecture}: ${leftOut.join(', ')}.`]),
	];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function parseShape(text: string): readonly number[] {
	if (!/^\d{1,5}(x\d{1,5}){0,3}$/.test(text)) throw new InvalidArgumentError('Give sizes such as 224x224x3.');
	return text.split('x').map(Number);
}
