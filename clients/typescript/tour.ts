/** The tour: everything a front end does with an account, against a running server.
 *
 * node tour.js http://127.0.0.1:8000
 */

import assert from "node:assert/strict";
import { createClient, given, newIdempotencyKey, refusal, type Schemas } from "./client.js";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8000";
const email = `tour-${Date.now()}@example.org`;
const password = "four tall green bottles";

interface Mail {
  letter: string;
  to: string;
  subject: string;
  text: string;
}

/** Read the newest code from the development inbox, as a person would from a mail. */
async function mailedCode(address: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const inbox = (await (await fetch(`${baseUrl}/dev/inbox/messages`)).json()) as { messages: Mail[] };
    const mail = inbox.messages.find(({ to, letter }) => to === address && letter === "confirm_address");
    const code = mail?.subject.match(/\d{6}/)?.[0];
    if (code !== undefined) return code;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("No mail came within ten seconds.");
}

/** Read the newest code that went to a phone. */
async function texted(): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const inbox = (await (await fetch(`${baseUrl}/dev/inbox/messages`)).json()) as { messages: Mail[] };
    const code = inbox.messages.find(({ letter }) => letter === "security_code")?.text.match(/\b\d{6}\b/)?.[0];
    if (code !== undefined) return code;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("No text message came within ten seconds.");
}

/** A fetch that keeps cookies, as browsers do and Node does not. */
function browserFetch(): (request: Request) => Promise<Response> {
  const jar = new Map<string, string>();
  return async (request) => {
    if (jar.size > 0) request.headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) {
      assert.match(line, /; HttpOnly/);
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      if (name === undefined) continue;
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    return response;
  };
}

const app = createClient({ baseUrl, client: "app", language: "en" });

const { services } = await given(app.api.GET("/api/v1/services"));
const motorsport = services.find(({ key }) => key === "motorsport");
assert.ok(motorsport?.open, "Motorsport takes registrations");
console.log(`motorsport asks for ${motorsport.asks.filter(({ required }) => required).map(({ field }) => field)}`);

const idempotency = { "Idempotency-Key": newIdempotencyKey() };
const body: Schemas["RegistrationIn"] = {
  service: "motorsport",
  email,
  password,
  profile: { user_name: "speedy", first_name: "Ann", last_name: "Lee" },
};
const started = await given(app.api.POST("/api/v1/registrations", { body, params: { header: idempotency } }));
const repeated = await given(app.api.POST("/api/v1/registrations", { body, params: { header: idempotency } }));
assert.equal(repeated.id, started.id, "a repetition with the same key registers once");

const path = { params: { path: { registration_id: started.id } } };
const code = await mailedCode(email);
const wrong = await refusal(
  app.api.POST("/api/v1/registrations/{registration_id}/confirmation", {
    ...path,
    body: { code: code === "000000" ? "000001" : "000000" },
  }),
);
assert.equal(wrong.code satisfies string, "wrong_code");

const account = await given(
  app.api.POST("/api/v1/registrations/{registration_id}/confirmation", { ...path, body: { code } }),
);
assert.equal(account.email, email);
console.log("registered and confirmed");

const session = await app.signIn(email, password);
assert.ok(session.token);
const me = await given(app.api.GET("/api/v1/me"));
assert.deepEqual(me, account);

const joined = await given(
  app.api.POST("/api/v1/me/services", { body: { service: "business-hub", profile: { country: "DE" } } }),
);
assert.equal(joined.service, "business-hub");
const mine = await given(app.api.GET("/api/v1/me/services"));
assert.deepEqual(mine.services.map(({ service }) => service).sort(), ["business-hub", "motorsport"]);
console.log("signed in and joined another service");

const browser = createClient({ baseUrl, client: "browser", fetch: browserFetch() });
const page = await browser.signIn(email, password);
assert.equal(page.token, undefined, "scripts never see the token");
assert.ok(page.csrf_token);
const { sessions } = await given(browser.api.GET("/api/v1/sessions"));
assert.deepEqual(sessions.map(({ client }) => client).sort(), ["app", "browser"]);

await browser.resume();
const { ended } = await given(browser.api.DELETE("/api/v1/sessions"));
assert.equal(ended, 1);
assert.equal((await refusal(app.api.GET("/api/v1/me"))).code, "sign_in_needed");
console.log("saw and ended sessions");

const phone = await given(
  browser.api.POST("/api/v1/me/factors/phones", { body: { phone: "+4915112345678", name: "my phone" } }),
);
const confirmed = await given(
  browser.api.POST("/api/v1/me/factors/{factor_id}/confirmation", {
    params: { path: { factor_id: phone.factor.id } },
    body: { code: await texted() },
  }),
);
assert.equal(confirmed.recovery_codes.length, 10);
const paper = confirmed.recovery_codes[0];
assert.ok(paper);
await app.signIn(email, password, async (challenge, send) => {
  assert.deepEqual(challenge.methods, ["sms", "recovery_code"]);
  const soon = await refusal(
    app.api.POST("/api/v1/challenges/code", { body: { challenge: challenge.challenge, factor: phone.factor.id } }),
  );
  assert.equal(soon.code, "text_too_soon");
  assert.equal(typeof send, "function");
  return { method: "recovery_code", code: paper };
});
assert.ok(app.deviceToken());
console.log("signed in with a second factor");

const closed = await given(browser.api.POST("/api/v1/me/closure"));
assert.ok(new Date(closed.erased_by) > new Date(closed.closed_at));
const gone = await refusal(browser.api.GET("/api/v1/me"));
assert.equal(gone.code, "sign_in_needed");
console.log(`closed; everything is deleted by ${closed.erased_by}`);
