import type { CloudContext } from "../context/context.js";

/** An access key pair. A session's pair carries a token which every signature has to name. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A pair as the verifier knows it. */
export interface KnownCredentials extends Credentials {
  /** Milliseconds since 1970 after which the session is over. */
  readonly endsAt?: number;
}

/** Length of the token in a role session's presigned URLs; the real ones make the URL 1000 to 1800 characters long. */
const SESSION_TOKEN_BYTES = 540;
/** Life of a role session; a new one is used for new URLs when half of it is over. */
const SESSION_LIFE_MS = 2 * 3_600_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The key pairs this cloud accepts: one of the operator, and the sessions of the role that presigns URLs for devices.
 */
export class CredentialBook {
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  /** The operator's pair; made at first use and kept. */
  operator(): Credentials {
    const stored = this.#context.store.get(["credentials", "operator"]);
    if (typeof stored === "string") {
      const known = this.find(stored);
      if (known !== undefined) return known;
    }
    const made = this.#make("AKIA");
    this.#context.store.transaction(() => {
      this.#put(made);
      this.#context.store.put(["credentials", "operator"], made.accessKeyId);
    });
    return made;
  }

  /** The current session of the presigning role. */
  roleSession(): Credentials {
    const { clock, store } = this.#context;
    const stored = store.get(["credentials", "role-session"]);
    const known = typeof stored === "string" ? this.find(stored) : undefined;
    if (known?.endsAt !== undefined && known.endsAt - clock.now() > SESSION_LIFE_MS / 2) return known;
    const made: KnownCredentials = {
      ...this.#make("ASIA"),
      sessionToken: Buffer.from(this.#context.random(SESSION_TOKEN_BYTES)).toString("base64"),
      endsAt: clock.now() + SESSION_LIFE_MS,
    };
    store.transaction(() => {
      this.#put(made);
      store.put(["credentials", "role-session"], made.accessKeyId);
    });
    return made;
  }

  /** Ends all sessions now: URLs signed in them answer 400 ExpiredToken. */
  endSessions(): void {
    const { clock, store } = this.#context;
    store.transaction(() => {
      for (const { value } of [...store.list(["credentials", "key"])]) {
        const known = asCredentials(value);
        if (known?.endsAt !== undefined && known.endsAt > clock.now()) this.#put({ ...known, endsAt: clock.now() });
      }
      store.remove(["credentials", "role-session"]);
    });
  }

  find(accessKeyId: string): KnownCredentials | undefined {
    return asCredentials(this.#context.store.get(["credentials", "key", accessKeyId]));
  }

  #make(prefix: "AKIA" | "ASIA"): Credentials {
    const name = [...this.#context.random(16)].map((byte) => ALPHABET[byte % 32]).join("");
    const secret = Buffer.from(this.#context.random(30)).toString("base64");
    return { accessKeyId: prefix + name, secretAccessKey: secret };
  }

  #put(value: KnownCredentials): void {
    this.#context.store.put(["credentials", "key", value.accessKeyId], { ...value });
  }
}

function asCredentials(value: unknown): KnownCredentials | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("accessKeyId" in value) || !("secretAccessKey" in value)) return undefined;
  const { accessKeyId, secretAccessKey } = value;
  if (typeof accessKeyId !== "string" || typeof secretAccessKey !== "string") return undefined;
  const sessionToken =
    "sessionToken" in value && typeof value.sessionToken === "string" ? value.sessionToken : undefined;
  const endsAt = "endsAt" in value && typeof value.endsAt === "number" ? value.endsAt : undefined;
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}
