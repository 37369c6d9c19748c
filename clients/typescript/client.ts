/** A thin typed client: paths, bodies and refusals come from schema.d.ts, which is generated from openapi.json. */

import createFetchClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** What a refused call throws; `code` is one of those the route documents. */
export class Refused<P extends Problem = Problem> extends Error {
  readonly problem: P;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: P, response: Response) {
    super(`${problem.status} ${problem.code}: ${problem.title}`);
    this.name = "Refused";
    this.problem = problem;
    const wait = response.headers.get("Retry-After");
    this.retryAfterSeconds = wait === null ? undefined : Number(wait);
  }

  get code(): P["code"] {
    return this.problem.code;
  }
}

export interface Options {
  /** Where the server is, without a path: https://accounts.example.com */
  baseUrl: string;
  /** "app" keeps a bearer token; "browser" leaves the token to the cookie and sends the CSRF token. */
  client: "app" | "browser";
  /** Another fetch, for tests or old runtimes. */
  fetch?: (request: Request) => Promise<Response>;
  /** Language of refusals and mails: en, de or ru. */
  language?: string;
  /** For apps: what `deviceToken()` gave after an earlier sign-in; guesses of strangers then never lock you out. */
  deviceToken?: string;
}

/** An answer to the question for a second factor. */
export type FactorAnswer = Pick<Schemas["ChallengeAnswerIn"], "method" | "code">;

/** Asks the person for a code; `send` texts one to a phone of the challenge. */
export type AskForCode = (
  challenge: Schemas["ChallengeOut"],
  send: (factorId: string) => Promise<Schemas["TextOut"]>,
) => Promise<FactorAnswer>;

export interface Suite {
  /** Every route, typed: `api.GET("/api/v1/me")` gives `{ data, error, response }`. */
  readonly api: Client<paths>;
  /** Open a session; everything sent afterwards carries it. `ask` is called where a second factor is needed. */
  signIn(email: string, password: string, ask?: AskForCode): Promise<Schemas["SignInOut"]>;
  /** Confirm that it is you before a sensitive act: by `ask` where there is a second factor, else by the password. */
  confirm(password: string, ask?: AskForCode): Promise<void>;
  /** For apps: the token to keep for the next sign-in. */
  deviceToken(): string | undefined;
  /** End the session. */
  signOut(): Promise<void>;
  /** In a browser, after the page was loaded again: fetch the CSRF token of the session the cookie holds. */
  resume(): Promise<void>;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Make a client that carries the session: as a bearer token, or as cookie and CSRF token. */
export function createClient(options: Options): Suite {
  let token: string | undefined;
  let csrfToken: string | undefined;
  let deviceToken = options.deviceToken;

  const credentials: Middleware = {
    onRequest({ request }) {
      if (options.language !== undefined) request.headers.set("Accept-Language", options.language);
      if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
      if (csrfToken !== undefined && !READS.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
      return request;
    },
  };
  const api = createFetchClient<paths>({
    baseUrl: options.baseUrl,
    ...(options.client === "browser" ? { credentials: "include" as const } : {}),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  api.use(credentials);

  async function answer(challenge: Schemas["ChallengeOut"], ask?: AskForCode) {
    if (ask === undefined) throw new Error("The account has a second factor: pass a function that asks for a code.");
    const send = (factor: string) =>
      given(api.POST("/api/v1/challenges/code", { body: { challenge: challenge.challenge, factor } }));
    return { challenge: challenge.challenge, ...(await ask(challenge, send)) };
  }

  function keep(session: Schemas["SignInOut"]): Schemas["SignInOut"] {
    token = session.token;
    csrfToken = session.csrf_token;
    deviceToken = session.device_token ?? deviceToken;
    return session;
  }

  return {
    api,
    deviceToken: () => deviceToken,
    async signIn(email, password, ask) {
      token = csrfToken = undefined;
      const device = deviceToken === undefined ? {} : { device_token: deviceToken };
      const body = { email, password, client: options.client, ...device };
      const result = await given(api.POST("/api/v1/sessions", { body }));
      if (!("challenge" in result)) return keep(result);
      const answered = await answer(result, ask);
      return keep(await given(api.POST("/api/v1/sessions/challenge", { body: { ...answered, ...device } })));
    },
    async confirm(password, ask) {
      const { methods } = await given(api.GET("/api/v1/sessions/current/confirmation"));
      if (methods.includes("password")) {
        await given(api.POST("/api/v1/sessions/current/confirmation", { body: { password } }));
        return;
      }
      const challenge = await given(api.POST("/api/v1/sessions/current/challenge"));
      const body = await answer(challenge, ask);
      await given(api.POST("/api/v1/sessions/current/challenge/answer", { body }));
    },
    async signOut() {
      await given(api.DELETE("/api/v1/sessions/current"));
      token = csrfToken = undefined;
    },
    async resume() {
      csrfToken = (await given(api.GET("/api/v1/sessions/current/csrf-token"))).csrf_token;
    },
  };
}

interface Answer<D, P> {
  data?: D | undefined;
  error?: P | undefined;
  response: Response;
}

/** Give what a call answered, or throw `Refused` with the problem. */
export async function given<D, P extends Problem>(call: Promise<Answer<D, P>>): Promise<NonNullable<D>> {
  const { data, error, response } = await call;
  if (error !== undefined) throw new Refused<P>(error, response);
  return data as NonNullable<D>;
}

/** Give the refusal of a call that must be refused; throw when it was not. */
export async function refusal<D, P extends Problem>(call: Promise<Answer<D, P>>): Promise<P> {
  const { error, response } = await call;
  if (error === undefined) throw new Error(`The call was answered ${response.status}, not refused.`);
  return error;
}

/** A key for `Idempotency-Key`: use one per act, and the same again when the act is repeated. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
