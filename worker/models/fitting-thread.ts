import { parentPort, workerData } from 'node:worker_threads';
import { fitHere } from './fitting';
import type { FittingAnswer, PackedRequest, PackedRows } from './fitting-apart';

function unpack({ values, rows }: PackedRows): Float32Array[] {
  const width = rows === 0 ? 0 : values.length / rows;
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

/** Runs on a thread of its own: fits what it was started with, answers, and ends. */
function answer({ kind, seed, lesson }: PackedRequest): void {
  const unpacked = lesson && { ordinary: unpack(lesson.ordinary), frauds: unpack(lesson.frauds) };
  const { blob, rows } = fitHere({ kind, seed, lesson: unpacked });
  const bytes = new Uint8Array(blob);
  parentPort?.postMessage({ blob: bytes, rows } satisfies FittingAnswer, [bytes.buffer]);
}

answer(workerData as PackedRequest);
