import type { ContentAnswer, Variant } from "../api/contents.ts";

const said = (picture: object) => Object.fromEntries(Object.entries(picture).filter(([, value]) => value));

const shape = (variant: Variant, fields: Record<string, string>) => ({
  language: variant.language,
  ...(variant.channels.length ? { channels: variant.channels } : {}),
  ...(variant.tone ? { tone: variant.tone } : {}),
  ...(variant.stage ? { stage: variant.stage } : {}),
  ...(variant.persona ? { persona: variant.persona } : {}),
  ...(variant.images.length ? { images: variant.images.map(said) } : {}),
  fields,
});

/** A content as it would be written with other words in one variant: what `POST /v1/contents/preview` takes unsaved. */
export function definitionOf(of: ContentAnswer, key: string, fields: Record<string, string>): object {
  return {
    name: of.row.name,
    label: of.row.label,
    message: of.row.message,
    facts: Object.fromEntries(of.facts.map((fact) => [fact.name, fact.declared])),
    variants: of.variants.map((one) => shape(one, one.key === key ? fields : one.fields)),
  };
}

/** A variant as it stands in a workspace's file. JSON strings are YAML, too. */
export function yamlOf(variant: Variant, fields: Record<string, string>): string {
  const { fields: words, ...rest } = shape(variant, fields);
  const lines = Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  const written = Object.entries(words).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`);
  return `- ${lines.join("\n").trimStart()}\n  fields:\n${written.join("\n")}\n`;
}
