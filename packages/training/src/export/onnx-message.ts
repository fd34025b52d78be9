import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Constant, Operator } from './graph-operator.js';
import type { Size } from './operator-graph.js';

/** Field numbers and types are those of onnx.proto3; a message is written as its fields in their order. */
export type Message = (writer: BinaryWriter) => void;

export const message =
	(...fields: readonly Message[]): Message =>
	(writer) => {
		for (const field of fields) field(writer);
	};
export const text =
	(field: number, value: string): Message =>
	(writer) =>
		void writer.tag(field, WireType.LengthDelimited).string(value);
export const integer =
	(field: number, value: number): Message =>
	(writer) =>
		void writer.tag(field, WireType.Varint).int64(value);
export const float =
	(field: number, value: number): Message =>
	(writer) =>
		void writer.tag(field, WireType.Bit32).float(value);
export const bytes =
	(field: number, value: Uint8Array): Message =>
	(writer) =>
		void writer.tag(field, WireType.LengthDelimited).bytes(value);
export const nested =
	(field: number, inner: Message): Message =>
	(writer) => {
		writer.tag(field, WireType.LengthDelimited).fork();
		inner(writer);
		writer.join();
	};

export function encode(whole: Message): Uint8Array {
	const writer = new BinaryWriter();
	whole(writer);
	return writer.finish();
}

/** Attributes that ONNX has as floats; a number of any other is whole. */
const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set(['epsilon']);

/** `AttributeProto`: a number, a text, or a list of whole numbers. */
function attribute([name, given]: readonly [string, number | string | readonly number[]]): Message {
	const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];
	if (typeof given === 'string')
		return message(text(1, name), bytes(4, new TextEncoder().encode(given)), integer(20, STRING));
	if (typeof given !== 'number')
		return message(text(1, name), ...given.map((one) => integer(8, one)), integer(20, INTS));
	return FLOAT_ATTRIBUTES.has(name)
		? message(text(1, name), float(2, given), integer(20, FLOAT))
		: message(text(1, name), integer(3, given), integer(20, INT));
}

/** `NodeProto`. */
export const node = ({ operation, inputs, output, attributes }: Operator): Message =>
	message(
		...inputs.map((name) => text(1, name)),
		text(2, output),
		text(3, output),
		text(4, operation),
		...Object.entries(attributes).map((one) => nested(5, attribute(one))),
	);

const [FLOAT_TENSOR, INT64_TENSOR] = [1, 7];

/** `TensorProto`: floats as they are, whole numbers in 64 bits. */
export function constantTensor({ name, shape, values }: Constant): Message {
	const isFloat = values instanceof Float32Array;
	const stored = isFloat ? values : BigInt64Array.from(values, BigInt);
	return message(
		...shape.map((size) => integer(1, size)),
		integer(2, isFloat ? FLOAT_TENSOR : INT64_TENSOR),
		text(8, name),
		bytes(9, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)),
	);
}

/** `ValueInfoProto` of a tensor whose first size is the batch: of floats, or of whole numbers. */
export const value = (name: string, shape: readonly Size[], isWhole = false): Message => {
	const sizes = ['batch', ...shape].map((size) =>
		nested(1, typeof size === 'string' ? text(2, size) : integer(1, size)),
	);
	const type = isWhole ? INT64_TENSOR : FLOAT_TENSOR;
	return message(text(1, name), nested(2, nested(1, message(integer(1, type), nested(2, message(...sizes))))));
};
