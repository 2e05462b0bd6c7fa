// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the override refuses in JavaScript, where GJS would take it for something else

import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Jobs from 'gi://Jobs?version=1';

import {deferred, equal, ok, reached, rejects, run, test, throws} from './tap.js';

const {Action, Condition, Engine, OnFailure, Sequence, State} = Jobs;

const action = (label, properties = {}) => Action.from(() => label, {label, ...properties});

// What a call throws says what it should be, and what it was
function refuses(call, ...texts) {
    const {message} = throws(call, TypeError);
    for (const text of texts)
        ok(message.includes(text), message);
}

test('arguments/numbers', () => {
    for (const name of ['retries', 'window']) {
        const engine = new Engine();
        for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 32, '4', 4n, null, undefined, true, {}, [4]]) {
            refuses(() => new Engine({[name]: wrong}), `${name} must be a whole number from 0 `);
            refuses(() => (engine[name] = wrong), `${name} must be a whole number`);
            refuses(() => engine[`set_${name}`](wrong), `${name} must be a whole number`);
        }
        equal(engine[name], 0);
        engine[name] = 2 ** 32 - 1;
        equal(engine[name], 2 ** 32 - 1);
        engine[`set_${name}`](3);
        equal(engine[name], 3);
    }
    refuses(() => action('a', {retries: '2'}), "not '2'");
    refuses(() => action('a').add_pool(Jobs.Pool.new('p', 2), -1), 'amount', 'not -1');
    refuses(() => new Jobs.Pool({capacity: -1}), 'capacity', 'not -1');
    refuses(() => Jobs.Pool.new('p', 'two'), 'capacity', "not 'two'");
    equal(new Jobs.Pool({name: 'p', capacity: 2}).capacity, 2);

    refuses(() => action('a', {priority: 'high'}), 'priority', "not 'high'");
    refuses(() => action('a', {priority: 2 ** 31}), 'priority');
    equal(action('a', {priority: -5}).priority, -5);
});

test('arguments/durations', () => {
    for (const wrong of ['5s', '5', -1, NaN, Infinity, 2 ** 32, null, undefined])
        refuses(() => action('a', {timeout: wrong}), 'timeout must be a number of milliseconds, 0 or more');
    refuses(() => action('a', {timeout: '5s'}), "not '5s'");
    // All names that GJS knows it by
    for (const name of ['retry_delay', 'retryDelay', 'retry-delay']) {
        refuses(() => action('a', {[name]: -1}), `${name} must be`);
        refuses(() => (action('a')[name] = '1s'), `${name} must be`);
        equal(action('a', {[name]: 7}).retry_delay, 7);
    }
    refuses(() => Jobs.DelayAction.new('d', '1s'), "delay must be a number of milliseconds, 0 or more, not '1s'");
    refuses(() => Jobs.CommandAction.new_shell('c', null, 'true').set_ready_delay(-1), 'delay must be');

    // Less than one is not none
    equal(action('a', {timeout: 0.1}).timeout, 1);
    equal(action('a', {timeout: 1000 / 3}).timeout, 334);
    equal(action('a', {timeout: 0}).timeout, 0);
});

test('arguments/booleans', () => {
    for (const wrong of ['no', 0, null, undefined]) {
        refuses(() => action('a', {critical: wrong}), 'critical must be true or false');
        refuses(() => (action('a').forever = wrong), 'forever must be true or false');
        refuses(() => action('a').set_critical(wrong), 'critical must be true or false');
    }
    equal(action('a', {critical: false}).critical, false);
});

test('arguments/enums', () => {
    for (const [given, meant] of [['keep-going', OnFailure.KEEP_GOING], ['drain', OnFailure.DRAIN],
        ['KEEP_GOING', OnFailure.KEEP_GOING], [OnFailure.DRAIN, OnFailure.DRAIN]]) {
        equal(new Engine({on_failure: given}).on_failure, meant);
        equal(new Engine({onFailure: given}).on_failure, meant);
        const engine = new Engine();
        engine.on_failure = given;
        equal(engine.on_failure, meant);
        engine.on_failure = OnFailure.ABORT;
        engine.set_on_failure(given);
        equal(engine.on_failure, meant);
    }
    for (const wrong of ['keepgoing', '', '0', 3, -1, 0.5, null, undefined, OnFailure.KEEPGOING, 'to-string']) {
        refuses(() => new Engine({on_failure: wrong}), 'OnFailure has no value ', 'ABORT, DRAIN, KEEP_GOING');
        refuses(() => (new Engine().on_failure = wrong), 'OnFailure has no value ');
        refuses(() => new Engine().set_on_failure(wrong), 'OnFailure has no value ');
    }
    const a = action('a');
    for (const wrong of ['succes', Condition.SUCCES, 5, null])
        refuses(() => a.requires_full(action('b'), wrong), 'Condition has no value ', 'READY');
    equal(a.dup_requirements(), []);

    equal(new Engine(action('a')).count('idle'), 1);
    refuses(() => new Engine().count(State.FINISHD), 'State has no value undefined');
    refuses(() => Jobs.state_get_nick(State.FINISHD), 'State has no value undefined');
    equal(Jobs.state_get_nick(State.TIMED_OUT), 'timed-out');
    refuses(() => new Engine().pause('clock'), "PauseFlags has no value 'clock'");
    refuses(() => new Engine().pause(2), 'PauseFlags has no value 2');
});

test('arguments/condition-by-nick', async () => {
    const bad = Action.from(() => Promise.reject(new Error('x')), {label: 'bad', critical: false});
    const [upload, notice] = [action('upload'), action('notice')];
    upload.requires_full(bad, 'success');
    notice.requires_full(bad, 'failure');
    await new Engine(bad, upload, notice).orchestrate_async();
    equal(upload.state, State.SKIPPED);
    equal(notice.state, State.FINISHED);
});

test('arguments/objects', () => {
    for (const make of [() => new Jobs.Pool('p', 2), () => new Jobs.DelayAction(new Engine()),
        () => new Jobs.LocalNode('here'), () => new Jobs.PrintAction('text')])
        refuses(make, 'takes an object literal with properties, not ');
});

const numbers = ['gint', 'guint', 'gint64', 'guint64', 'gdouble', 'gboolean'];

const isChecked = type => numbers.includes(type.name) || GObject.type_is_a(type, GObject.TYPE_ENUM);

// Whether a call with a wrong argument is refused before there need be an object
function seesWrong(call) {
    try {
        call();
    } catch (error) {
        return error instanceof TypeError && / must be | has no value /.test(error.message);
    }
    return false;
}

test('arguments/all-properties', () => {
    let n = 0;
    const missing = [];
    for (const name of Object.keys(Jobs)) {
        if (!(Jobs[name]?.prototype instanceof GObject.Object))
            continue;
        const {prototype, $gtype} = Jobs[name];
        for (const pspec of GObject.Object.list_properties.call(Jobs[name])) {
            const property = pspec.get_name().replaceAll('-', '_');
            if (pspec.owner_type !== $gtype || !isChecked(pspec.value_type) ||
                !(pspec.flags & GObject.ParamFlags.WRITABLE) || pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY)
                continue;
            n++;
            const {set} = Object.getOwnPropertyDescriptor(prototype, property);
            if (!seesWrong(() => set.call(null, 'wrong')) || !seesWrong(() => prototype[`set_${property}`](null)))
                missing.push(`${name}:${property}`);
        }
    }
    equal(missing, []);
    ok(n > 20, `only ${n} were found`);
});

test('arguments/all-functions', async () => {
    // Newer systems may have only a later version, of another shape
    const {default: G} = await import('gi://GIRepository?version=2.0').catch(() => ({}));
    if (!G)
        return;
    const repository = G.Repository.get_default();
    const tags = [G.TypeTag.INT32, G.TypeTag.UINT32, G.TypeTag.INT64, G.TypeTag.UINT64, G.TypeTag.DOUBLE];
    let n = 0;
    const missing = [];

    const look = (where, object, info) => {
        const args = Array.from({length: G.callable_info_get_n_args(info)},
            (_, i) => G.callable_info_get_arg(info, i)).filter(arg => G.arg_info_get_direction(arg) === G.Direction.IN);
        for (const [place, arg] of args.entries()) {
            const type = G.arg_info_get_type(arg);
            const tag = G.type_info_get_tag(type);
            const isEnum = tag === G.TypeTag.INTERFACE && [G.InfoType.ENUM, G.InfoType.FLAGS]
                .includes(G.type_info_get_interface(type).get_type());
            // The lengths of arrays are no arguments in JavaScript
            if (!(isEnum || tags.includes(tag)) || arg.get_name().startsWith('n_'))
                continue;
            n++;
            const given = args.map(() => null);
            given[place] = 'wrong';
            if (!seesWrong(() => object[info.get_name()].apply(null, given)))
                missing.push(`${where}${info.get_name()}, ${arg.get_name()}`);
        }
    };
    for (let i = 0; i < repository.get_n_infos('Jobs'); i++) {
        const info = repository.get_info('Jobs', i);
        if (info.get_type() === G.InfoType.FUNCTION)
            look('', Jobs, info);
        if (info.get_type() !== G.InfoType.OBJECT)
            continue;
        const name = info.get_name();
        for (let j = 0; j < G.object_info_get_n_methods(info); j++) {
            const method = G.object_info_get_method(info, j);
            const isMethod = G.function_info_get_flags(method) & G.FunctionInfoFlags.IS_METHOD;
            look(`${name}.`, isMethod ? Jobs[name].prototype : Jobs[name], method);
        }
    }
    equal(missing, []);
    ok(n > 30, `only ${n} were found`);
});

// An engine that runs, until it is released
async function running() {
    const {promise, resolve: release} = deferred();
    const work = Action.from(() => promise, {label: 'work'});
    const engine = new Engine({label: 'engine'}, work);
    const end = engine.orchestrate_async();
    await reached(work, State.RUNNING);
    return {engine, work, end: () => {
        release();
        return end;
    }};
}

// Nothing is added; why not
function cannotAdd(engine, ...items) {
    const before = [...engine];
    const {message} = throws(() => engine.add(...items), Error);
    equal([...engine].length, before.length);
    return message;
}

test('add/refused', () => {
    const [a, b] = ['a', 'b'].map(label => action(label));
    const other = new Engine(a);
    const inner = new Engine({label: 'inner'});
    const engine = new Engine(inner);
    ok(cannotAdd(engine, b, a).includes("`a' IDLE> cannot be added: it is in another engine"));
    equal(b.get_engine(), null);
    ok(cannotAdd(engine, b, new Sequence(a)).includes('it is in another engine'));
    ok(cannotAdd(engine, engine).includes('it would be inside itself'));
    ok(cannotAdd(inner, engine).includes('it would be inside itself'));
    ok(cannotAdd(inner, action('c').requires(inner)).includes("requires <Action `inner' IDLE>, and would be inside it"));
    ok(throws(() => engine.add_many([a])).message.includes('another engine'));
    ok(throws(() => engine.add_sequence(new Sequence(a))).message.includes('another engine'));
    ok(engine.add_many([b, b]) && engine.add_many([]) && engine.add_sequence(new Sequence(action('d'))));
    equal([...engine].map(one => one.label), ['inner', 'b', 'd']);
    ok(a.get_engine() === other);
});

test('add/refused-by-a-run', async () => {
    const {engine, work, end} = await running();
    const outside = action('outside');
    ok(cannotAdd(engine, action('a').requires(outside)).includes(
        "requires <Action `outside' IDLE>, which is not in the engine, and that runs"));
    ok(cannotAdd(engine, new Sequence(action('a').requires(outside))).includes('which is not in the engine'));
    const [b, c] = ['b', 'c'].map(label => action(label));
    b.requires(c.requires(b));
    ok(cannotAdd(engine, action('a'), b, c).includes('in a circle'));
    const {promise, resolve: release} = deferred();
    const alone = Action.from(() => promise, {label: 'alone'});
    const aloneEnds = alone.run_async();
    await reached(alone, State.RUNNING);
    ok(cannotAdd(engine, alone).includes('it is under way'));
    const busy = await running();
    ok(cannotAdd(engine, busy.engine).includes('it is under way'));

    // Both come at once, and a weak requirement may lead anywhere
    const [d, e, f] = ['d', 'e', 'f'].map(label => action(label));
    f.requires_full(outside, Condition.AFTER);
    engine.add(d.requires(e, work), e, new Sequence(f));
    release();
    await Promise.all([end(), busy.end(), aloneEnds]);
    equal([...engine].map(one => one.state), Array(4).fill(State.FINISHED));
});

test('append/refused', async () => {
    const [a, b] = ['a', 'b'].map(label => action(label));
    const sequence = new Sequence(a, b);
    ok(throws(() => sequence.append(a)).message.includes("`a' IDLE> is in the sequence already"));
    new Engine(sequence);
    const other = action('other');
    new Engine(other);
    ok(throws(() => sequence.append(other)).message.includes('it is in another engine'));
    equal(other.dup_requirements(), []);

    const {work, end} = await running();
    ok(throws(() => new Sequence(action('c'), work)).message.includes('it has started'));
    await end();
});

test('causes', async () => {
    for (const on_failure of ['abort', 'drain', 'keep-going']) {
        const boom = new TypeError('boom');
        const bad = Action.from(() => Promise.reject(boom), {label: 'bad'});
        const inner = new Engine({label: 'inner', on_failure}, action('well'), bad);
        const engine = new Engine({on_failure}, inner, action('beside'));
        const error = await rejects(engine.orchestrate_async());
        ok(error.cause === boom, on_failure);
        ok(engine.exception === boom && inner.exception === boom);
        ok(error.matches(Jobs.Error, on_failure === 'keep-going' ? Jobs.Error.INCOMPLETE : Jobs.Error.CRITICAL));
    }

    // What has thrown nothing
    const command = Jobs.CommandAction.new('c', null, ['false']);
    const error = await rejects(new Engine({on_failure: 'keep-going'}, command).orchestrate_async());
    ok(error.cause.matches(Jobs.Error, Jobs.Error.EXITED));
});

test('monitors', async () => {
    const engine = new Engine(action('work'));
    const stream = Gio.MemoryOutputStream.new_resizable();
    const monitor = new Jobs.TextMonitor(engine, {stream});
    ok(monitor.engine === engine);
    await engine.orchestrate_async();
    monitor.detach();
    stream.close(null);
    ok(new TextDecoder().decode(stream.steal_as_bytes().toArray()).includes('work'));

    ok(new Jobs.EngineBoard(engine).engine === engine);
    ok(new Jobs.TextMonitor({engine}).engine === engine);
    ok(new Jobs.TraceMonitor(engine, {stream: Gio.MemoryOutputStream.new_resizable()}).engine === engine);
    for (const name of ['TextMonitor', 'TraceMonitor', 'EngineBoard']) {
        for (const wrong of [[], [{}], [null], ['text'], [action('a')], [engine, 'text']])
            throws(() => new Jobs[name](...wrong), TypeError);
    }
});

await run('gjs-arguments');
