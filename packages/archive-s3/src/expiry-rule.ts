import { GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import type { LifecycleRule, S3Client } from '@aws-sdk/client-s3';

const ID = 'kubidu-logs-expiry';
/** Of runtime streams only: the entries of others count from their stream's end, which no rule knows. */
const PREFIX = 'logs/runtime/';
const DAY_MS = 86_400_000;

/**
 * Sets the bucket's rule that removes old objects of runtime streams; the bucket's other rules stay. Resolves with whether
 * the rule is there now; never rejects.
 */
export async function expireByRule(client: S3Client, Bucket: string, retentionMs: number): Promise<boolean> {
  const rule: LifecycleRule = {
    ID,
    Status: 'Enabled',
    Filter: { Prefix: PREFIX },
    Expiration: { Days: Math.ceil(retentionMs / DAY_MS) },
  };
  try {
    const rules = await rulesOf(client, Bucket);
    const before = rules.find((each) => each.ID === ID);
    if (before && isSame(before, rule)) return true;
    const Rules = [...rules.filter((each) => each !== before), rule];
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    return true;
  } catch {
    return false;
  }
}

async function rulesOf(client: S3Client, Bucket: string): Promise<LifecycleRule[]> {
  try {
    const { Rules = [] } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return Rules;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}

function isSame(a: LifecycleRule, b: LifecycleRule): boolean {
  return a.Status === b.Status && a.Filter?.Prefix === b.Filter?.Prefix && a.Expiration?.Days === b.Expiration?.Days;
}
