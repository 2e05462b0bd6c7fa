// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The graphs as promises: a job is what comes after all that it requires, and
// those that require nothing come after a gate

'use strict';

const fs = require('fs');
const {makeDag, parse, memory} = require('./dag.js');

const asked = parse(process.argv.slice(2), {shape: 'layered', n: 1000});
const needs = makeDag(asked.shape, asked.n);
const readStatus = () => fs.readFileSync('/proc/self/status', 'utf8');
const memoryBefore = memory(readStatus(), 'VmRSS');
const now = () => Number(process.hrtime.bigint());
let nRan = 0;

function job() {
    nRan++;
}

function build(gate) {
    const promises = [];
    for (const required of needs) {
        const before = required.map(other => promises[other]);
        const all = before.length > 1 ? Promise.all(before) : before[0] ?? gate;
        promises.push(all.then(job));
    }
    return promises;
}

async function main() {
    const begin = now();
    let open;
    const promises = build(new Promise(resolve => {
        open = resolve;
    }));
    const all = Promise.all(promises);
    const built = now();
    open();
    await all;
    const ran = now();

    const ok = nRan === asked.n;
    console.log(JSON.stringify({
        ...asked,
        build_ns_per_job: (built - begin) / asked.n,
        run_ns_per_job: (ran - built) / asked.n,
        bytes_per_job: (memory(readStatus(), 'VmHWM') - memoryBefore) / asked.n,
        ok,
    }));
    process.exitCode = ok ? 0 : 1;
}

main();
