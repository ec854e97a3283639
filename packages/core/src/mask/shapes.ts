/** How a kind of secret looks that nobody told us of. */
export interface Shape {
  /** Each of them is in every secret of this shape, `before` characters behind its beginning. */
  readonly anchors: readonly string[];
  /** Default 0. */
  readonly before?: number;
  /** Sticky, and of linear time. What its first group matches, if it has one, stays. */
  readonly pattern: RegExp;
  /** A character that every secret of this shape has, and few lines with an anchor. */
  readonly needs?: string;
  /** Sticky; where the pattern fails, it fails at every other anchor of the shape within this too: they are not tried. */
  readonly run?: RegExp;
}

/** Every known shape. A quantifier without a bound stands only where anchors of its shape cannot come again, or with `run`. */
const SHAPES: readonly Shape[] = [
  // AWS: identifiers of keys, and what follows the names of secret ones.
  { anchors: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], pattern: /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/y },
  {
    anchors: ['ecret_access_key', 'ECRET_ACCESS_KEY', 'ecretAccessKey'],
    pattern: /(ecret_?access_?key\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?)[A-Za-z0-9/+]{40}/iy,
  },
  {
    anchors: ['ession_token', 'ESSION_TOKEN', 'essionToken'],
    pattern: /(ession_?token\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?)[A-Za-z0-9/+=]{100,}/iy,
  },
  // Google: API keys, secrets of OAuth clients, access tokens.
  { anchors: ['AIza'], pattern: /AIza[\w-]{35}/y },
  { anchors: ['GOCSPX-'], pattern: /GOCSPX-[\w-]{28}/y },
  { anchors: ['ya29.'], pattern: /ya29\.[\w-]{20,2048}/y },
  // Azure: keys of accounts and of buses, secrets of applications.
  {
    anchors: ['AccountKey=', 'SharedAccessKey='],
    pattern: /((?:Account|SharedAccess)Key=)[A-Za-z0-9+/]{43,86}={1,2}/y,
  },
  { anchors: ['7Q~', '8Q~'], before: 3, pattern: /[\w~.]{3}[78]Q~[\w~.-]{31,34}/y },
  // DigitalOcean.
  { anchors: ['dop_v1_', 'doo_v1_', 'dor_v1_'], pattern: /do[por]_v1_[a-f0-9]{64}/y },
  // GitHub: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
  { anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], pattern: /gh[pousr]_[A-Za-z0-9]{36,255}/y },
  { anchors: ['github_pat_'], pattern: /github_pat_\w{22,255}/y },
  // npm: tokens, and what stands in .npmrc.
  { anchors: ['npm_'], pattern: /npm_[A-Za-z0-9]{36}/y },
  { anchors: ['_authToken='], pattern: /(_authToken=)[^\s"'\\$]{8,}/y },
  // JSON Web Tokens, signed (RFC 7515) or encrypted (RFC 7516, five parts, of which the second may be empty).
  {
    anchors: ['eyJ'],
    pattern: /eyJ[\w-]{8,}\.(?:eyJ[\w-]{4,}\.[\w-]*|[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+)/y,
    run: /[\w-]+/y,
  },
  // RFC 3986, 3.2.1; not the digest of an image with a tag.
  { anchors: ['://'], needs: '@', pattern: /(:\/\/)[^\s/?#@:"'<>`]*:[^\s/?#"'<>`]+(?=@(?!sha256:))/y },
];

/** What every key in PEM begins with; see PemBlock. */
const PEM_ANCHOR = '-----BEGIN ';

/** All anchors; `shapeOf` has the shape of each in the same place. */
export const ANCHORS: readonly string[] = [PEM_ANCHOR, ...SHAPES.flatMap(({ anchors }) => anchors)];

/** The shape of each of {@link ANCHORS}; undefined of that of PEM. */
export const SHAPE_OF: readonly (Shape | undefined)[] = [
  undefined,
  ...SHAPES.flatMap((shape) => shape.anchors.map(() => shape)),
];
