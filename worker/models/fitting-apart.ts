import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fitHere, type FittedModel, type FittingRequest, type ModelLesson } from './fitting';

/** What the thread runs, as the build leaves it. */
const ENTRY = join(__dirname, 'fitting-thread.js');

/** Rows one after the other, in one buffer that changes hands in place of being copied. */
export interface PackedRows {
  values: Float32Array<ArrayBuffer>;
  rows: number;
}

export interface PackedRequest extends Omit<FittingRequest, 'lesson'> {
  lesson: { ordinary: PackedRows; frauds: PackedRows } | null;
}

export type FittingAnswer = { blob: Uint8Array; rows: number };

/**
 * Fits on a thread of its own, so that transactions are judged meanwhile. Sources that a test runs as they are have no such file
 * and are fitted here.
 * @throws Error when fitting fails
 */
export async function fitApart(request: FittingRequest, entry = ENTRY): Promise<FittedModel> {
  if (!existsSync(entry)) return fitHere(request);
  const packed: PackedRequest = { ...request, lesson: request.lesson && packLesson(request.lesson) };
  const { blob, rows } = await answerOf(
    new Worker(entry, {
      workerData: packed,
      transferList: packed.lesson
        ? [packed.lesson.ordinary.values.buffer, packed.lesson.frauds.values.buffer]
        : [],
    }),
  );
  return { blob: Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength), rows };
}

function answerOf(thread: Worker): Promise<FittingAnswer> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the fitting thread ended with code ${code}`)));
  });
}

function packLesson({ ordinary, frauds }: ModelLesson): NonNullable<PackedRequest['lesson']> {
  return { ordinary: pack(ordinary), frauds: pack(frauds) };
}

function pack(rows: readonly Float32Array[]): PackedRows {
  const width = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, index) => values.set(row, index * width));
  return { values, rows: rows.length };
}
