import { fieldsIn, isFields, textOf } from "../reading/index.js";

/** What one device asks AWS IoT for, as policies name it. */
export type Need = { readonly action: string; readonly resource: string; readonly what: string };

/** All that an update needs over MQTT. */
export function deviceNeeds(
  thing: string,
  { region, account, partition }: { readonly region: string; readonly account: string; readonly partition: string },
): readonly Need[] {
  const arn = (kind: string, name: string) => `arn:${partition}:iot:${region}:${account}:${kind}/${name}`;
  const jobs = `$aws/things/${thing}/jobs`;
  return [
    { action: "iot:Connect", resource: arn("client", thing), what: "to connect with its name as client id" },
    { action: "iot:Subscribe", resource: arn("topicfilter", `${jobs}/notify-next`), what: "to hear of jobs" },
    { action: "iot:Receive", resource: arn("topic", `${jobs}/notify-next`), what: "to hear of jobs" },
    { action: "iot:Publish", resource: arn("topic", `${jobs}/$next/get`), what: "to ask for its next job" },
    { action: "iot:Receive", resource: arn("topic", `${jobs}/$next/get/accepted`), what: "to get its next job" },
    { action: "iot:Publish", resource: arn("topic", `${jobs}/JOB/update`), what: "to say how far it is" },
    { action: "iot:Receive", resource: arn("topic", `${jobs}/JOB/update/accepted`), what: "to know that it was heard" },
  ];
}

/**
 * What the policies do not allow. Conditions count as fulfilled, and of the variables those of the thing are known.
 * [AWS IoT: policies, thing policy variables]
 */
export function unmetNeeds(needs: readonly Need[], policies: readonly string[], thing: string): readonly Need[] {
  const statements = policies.flatMap((text) => {
    const list = fieldsIn(text)?.Statement;
    return (Array.isArray(list) ? list : [list]).filter(isFields);
  });
  return needs.filter(({ action, resource }) => {
    const fitting = statements.filter(
      (statement) =>
        listOf(statement.Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
        listOf(statement.Resource).some((pattern) => matches(withThing(pattern, thing), resource)),
    );
    const effects = fitting.map(({ Effect }) => textOf(Effect));
    return !effects.includes("Allow") || effects.includes("Deny");
  });
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
}

function withThing(pattern: string, thing: string): string {
  return pattern.replace(/\$\{iot:(?:Connection\.Thing\.ThingName|ClientId|clientId)\}/g, thing);
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  let [inPattern, inText] = [0, 0];
  // Where the last star is, and where the text goes on behind what it stands for.
  let [star, behind] = [-1, 0];
  while (inText < text.length) {
    const letter = pattern[inPattern];
    if (letter === "*") {
      star = inPattern;
      inPattern += 1;
      behind = inText;
    } else if (letter === "?" || letter === text[inText]) {
      inPattern += 1;
      inText += 1;
    } else {
      if (star < 0) return false;
      inPattern = star + 1;
      behind += 1;
      inText = behind;
    }
  }
  while (pattern[inPattern] === "*") inPattern += 1;
  return inPattern === pattern.length;
}
