/** reference_id of the item that was number `seq`, from 1, of a batch: as sp_batch_write and sp_batch_write_holds make it. */
export function referenceOf(batchId: string, seq: number): string {
  const base36 = (value: bigint, length: number) => value.toString(36).toUpperCase().padStart(length, '0');
  return `FL${base36(BigInt(batchId), 11)}${base36(BigInt(seq), 3)}`;
}
