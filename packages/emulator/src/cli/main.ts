#!/usr/bin/env node
import { createProgram } from "./create-program.js";
import { run } from "./run.js";

await run(createProgram());
