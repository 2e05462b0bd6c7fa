// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What an action costs in GJS: one that calls a function, or one of an own class

const {Gio, GLib, GObject, Jobs} = imports.gi;
const System = imports.system;

imports.searchPath.unshift(GLib.path_get_dirname(System.programPath));
const {makeDag, parse, memory} = imports.dag;

const asked = parse(ARGV, {shape: 'layered', n: 1000, variant: 'function'});
const now = () => GLib.get_monotonic_time();
let nRan = 0;

const Own = GObject.registerClass(class Own extends Jobs.Action {
    vfunc_start(attempt) {
        nRan++;
        attempt.complete(null);
        return true;
    }
});

function makeOfFunction() {
    return Jobs.CallbackAction.new(null, () => {
        nRan++;
        return true;
    });
}

function readStatus() {
    const [, bytes] = GLib.file_get_contents('/proc/self/status');
    return new TextDecoder().decode(bytes);
}

function build(needs, make) {
    const engine = new Jobs.Engine();
    const actions = [];
    for (const required of needs) {
        const action = make();
        for (const other of required)
            action.requires(actions[other]);
        actions.push(action);
        engine.add(action);
    }
    return engine;
}

function main() {
    const make = asked.variant === 'class' ? () => new Own() : makeOfFunction;
    const needs = makeDag(asked.shape, asked.n);
    const memoryBefore = memory(readStatus(), 'VmRSS');
    const begin = now();
    const engine = build(needs, make);
    const built = now();
    const ok = engine.orchestrate(null) && nRan === asked.n;
    const ran = now();

    print(JSON.stringify({
        ...asked,
        build_ns_per_job: 1000 * (built - begin) / asked.n,
        run_ns_per_job: 1000 * (ran - built) / asked.n,
        bytes_per_job: (memory(readStatus(), 'VmHWM') - memoryBefore) / asked.n,
        ok,
    }));
    return ok ? 0 : 1;
}

System.exit(main());
