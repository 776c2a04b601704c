// Captures the Vercel AI SDK's spans against the model server (tests/golden/serve.py 18431):
//   npm install --prefix DIR (with this package.json), then node DIR/capture.mjs tests/golden/cases
import { readFileSync, writeFileSync } from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
import { trace } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context } from "@opentelemetry/api";
import { embedMany, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const folder = process.argv[2];
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": "golden", "deployment.environment.name": "test" }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

const openai = createOpenAI({ baseURL: "http://127.0.0.1:18431/v1", apiKey: "none" });
const model = openai.chat("gpt-4o");
const QUESTION = "What is the capital of France?";
const experimental_telemetry = {
  isEnabled: true,
  functionId: "faq",
  metadata: { userId: "user-1", sessionId: "session-7" },
};
const weather = tool({
  description: "Today's weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: "sunny" }),
});

const cases = {
  generate: () => generateText({ model, system: "You answer in one sentence.", prompt: QUESTION, experimental_telemetry }),
  tools: () =>
    generateText({
      model,
      prompt: "How is the weather in Lyon?",
      tools: { get_weather: weather },
      stopWhen: stepCountIs(3),
      experimental_telemetry,
    }),
  stream: async () => {
    for await (const _ of streamText({ model, prompt: QUESTION, experimental_telemetry }).textStream);
  },
  embed: () =>
    embedMany({
      model: openai.embedding("text-embedding-3-small"),
      values: ["first passage", "second passage"],
      experimental_telemetry,
    }),
  error: () =>
    generateText({ model: openai.chat("refused"), prompt: QUESTION, maxRetries: 0, experimental_telemetry }).catch(() => null),
};

const shorten = (text) => text.replaceAll(/\((?:file:\/\/)?[^()\s]*?(node_modules\/[^()\s]+|[^()\s/]+\.mjs[^()\s]*)\)/g, "($1)")
  .replaceAll(/at (?:async )?(?:file:\/\/)?\/[^()\s]*?(node_modules\/[^()\s\\]+|[^()\s/\\]+\.mjs[^()\s\\]*)/g, "at $1");
const captured_with = JSON.parse(readFileSync(new URL("package.json", import.meta.url))).dependencies;
for (const [name, run] of Object.entries(cases)) {
  exporter.reset();
  await run();
  const traces = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans())));
  const text = shorten(JSON.stringify({ captured_with, traces, logs: {} }, null, 1));
  writeFileSync(`${folder}/vercel.${name}.json`, `${text}\n`);
}
