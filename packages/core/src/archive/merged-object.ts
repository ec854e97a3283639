import { JoinedObject } from './joined-object.ts';
import { MEMBER_SIZE, ObjectEncoder } from './object-codec.ts';
import type { EncodedObject } from './object-codec.ts';
import type { ArchivedObject } from './object-name.ts';
import type { ObjectReader, WholeObject } from './object-reader.ts';

/** Bytes of a member, on average, from which little is won by packing members anew, together with their neighbours. */
const FULL = MEMBER_SIZE / 2;

/**
 * Reads objects that follow each other, and makes one of them: large members are copied, small ones packed anew. Holds it
 * and one of the parts.
 * @throws {ObjectGone}
 */
export async function mergedObject(reader: ObjectReader, parts: readonly ArchivedObject[]): Promise<EncodedObject> {
  const joined = new JoinedObject(parts.reduce((sum, { size }) => sum + size, 0));
  let encoder: ObjectEncoder | undefined;
  for (const part of parts) {
    const whole = await reader.whole(part);
    if (isFull(whole)) {
      if (encoder) joined.add(await encoder.finish());
      encoder = undefined;
      joined.add(whole);
    } else {
      encoder ??= new ObjectEncoder(part.first);
      for await (const batch of whole.batches()) await encoder.add(batch);
    }
  }
  if (encoder) joined.add(await encoder.finish());
  return joined.end();
}

/** Whether an object is copied. Where there is no filter beside it, packing it anew makes one. */
function isFull(whole: WholeObject): whole is WholeObject & EncodedObject {
  return (
    whole.index !== undefined && whole.filters !== undefined && whole.index.rawSize / whole.index.members.length >= FULL
  );
}
