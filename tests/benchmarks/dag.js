// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The graphs of dag.c for programs in JavaScript, whichever engine runs them

const LAYER_WIDTH = 1000;

function addLayered(required, job, state) {
    if (job < LAYER_WIDTH)
        return;
    const first = (Math.floor(job / LAYER_WIDTH) - 1) * LAYER_WIDTH;
    while (required.length < 3) {
        state.random = (Math.imul(state.random, 1664525) + 1013904223) >>> 0;
        const other = first + (state.random >>> 8) % LAYER_WIDTH;
        if (!required.includes(other))
            required.push(other);
    }
}

function addTree(required, job, state) {
    const place = state.n - 1 - job;
    for (let child = 2 * place + 1; child <= 2 * place + 2; child++) {
        if (child < state.n)
            required.push(state.n - 1 - child);
    }
}

const shapes = {
    independent() {},
    chain(required, job) {
        if (job > 0)
            required.push(job - 1);
    },
    layered: addLayered,
    tree: addTree,
};

// What each job requires, by their numbers
function makeDag(shape, n) {
    const state = {n, random: 42};
    const add = shapes[shape];
    return Array.from({length: n}, (_, job) => {
        const required = [];
        add(required, job, state);
        return required;
    });
}

// --NAME VALUE pairs
function parse(args, defaults) {
    const asked = {...defaults};
    for (let i = 0; i + 1 < args.length; i += 2) {
        const name = args[i].replace(/^--/, '');
        if (!(name in asked))
            throw new Error(`What is ${args[i]}?`);
        asked[name] = typeof asked[name] === 'number' ? Number(args[i + 1]) : args[i + 1];
    }
    if (!(asked.shape in shapes))
        throw new Error(`No shape ${asked.shape}: ${Object.keys(shapes).join(', ')}`);
    return asked;
}

function memory(status, name) {
    return 1024 * Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)[1]);
}

if (typeof module !== 'undefined')
    module.exports = {makeDag, parse, memory};
