// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A small TAP for tests in JavaScript, and what they have in common

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';

const WATCHDOG = 120;

const tests = [];

export function test(name, run) {
    tests.push([name, run]);
}

export function equal(have, want) {
    if (Object.is(have, want))
        return;
    if (typeof want === 'object' && JSON.stringify(have) === JSON.stringify(want))
        return;
    throw new Error(`expected ${JSON.stringify(want)}, not ${JSON.stringify(have)}`);
}

export function ok(condition, what = 'it is not so') {
    if (!condition)
        throw new Error(what);
}

// An error of GLib is none of JavaScript's own
export function throws(run, type = null) {
    try {
        run();
    } catch (error) {
        ok(!type || error instanceof type, `expected another kind of error than ${error}`);
        return error;
    }
    throw new Error('nothing was thrown');
}

export async function rejects(promise) {
    let value;
    try {
        value = await promise;
    } catch (error) {
        return error;
    }
    throw new Error(`not rejected, but ${value}`);
}

// Lets a time pass, in ms, and ends early where it is cancelled
export function sleep(time, cancellable = null) {
    return new Promise((resolve, reject) => {
        let handler = 0;
        const timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, time, () => {
            if (handler)
                GObject.signal_handler_disconnect(cancellable, handler);
            resolve();
            return GLib.SOURCE_REMOVE;
        });
        if (cancellable) {
            // Its own connect() is another one
            handler = GObject.signal_connect(cancellable, 'cancelled', () => {
                GLib.source_remove(timer);
                reject(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, 'cancelled'));
            });
        }
    });
}

// When an action has come so far, however long that takes
export function reached(action, state) {
    return new Promise(resolve => {
        const handler = action.connect('notify::state', () => {
            if (action.state !== state)
                return;
            action.disconnect(handler);
            resolve();
        });
    });
}

// A promise, and what settles it
export function deferred() {
    const settle = {};
    settle.promise = new Promise((resolve, reject) => Object.assign(settle, {resolve, reject}));
    return settle;
}

// Collects garbage until something has come of it; the watchdog sees to the end
export async function collect(isDone) {
    while (!isDone()) {
        System.gc();
        await sleep(1);
    }
}

// Collects what can be collected, meanwhile
export function collecting() {
    const timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => {
        System.gc();
        return GLib.SOURCE_CONTINUE;
    });
    return () => GLib.source_remove(timer);
}

export async function run(group) {
    GLib.timeout_add_seconds(GLib.PRIORITY_HIGH, WATCHDOG, () => {
        print('Bail out! The watchdog has barked');
        System.exit(1);
    });

    let failed = 0;
    print(`1..${tests.length}`);
    for (const [index, [name, body]] of tests.entries()) {
        let status = 'ok';
        try {
            await body();
        } catch (error) {
            status = 'not ok';
            failed++;
            print(`${error}\n${error.stack}`.trimEnd().replace(/^/gm, '# '));
        }
        print(`${status} ${index + 1} /jobs/${group}/${name}`);
    }
    System.exit(failed ? 1 : 0);
}
