// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Jobs for JavaScript: promises as actions, and engines to await
//
// Durations are milliseconds, as in C and as with setTimeout().

/* exported _init */

const {Gio, GLib, GObject} = imports.gi;

let Jobs;

// What C itself has, below what this file puts in its place
const native = {};

// Values and errors -----------------------------------------------------------

// On an action, so that they go with it: what is not the same in a GValue or GError
const valueKey = Symbol('value');
const errorKey = Symbol('error');

const INT32_MAX = 2 ** 31 - 1;

function isThenable(value) {
    return typeof value?.then === 'function';
}

function toInt64(number) {
    const value = new GObject.Value();
    value.init(GObject.TYPE_INT64);
    value.set_int64(number);
    return value;
}

function toText(value) {
    let text;
    try {
        text = typeof value === 'object' ? JSON.stringify(value) : undefined;
    } catch {
        // A circle, or a BigInt somewhere inside
    }
    try {
        text ??= String(value);
    } catch {
        text = typeof value;
    }
    // C has no text with these
    return text.replace(/\0/g, '\\0').replace(/\p{Surrogate}/gu, '\ufffd');
}

// What C gets for a value; whether it gives the same back
function toGValue(value) {
    switch (typeof value) {
    case 'boolean':
        return [value, true];
    case 'number':
        // Beyond what is an int to GJS, a double would be no whole number any more
        return [Number.isSafeInteger(value) && Math.abs(value) > INT32_MAX ? toInt64(value) : value, true];
    case 'undefined':
        return [null, false];
    }
    if (value === null || value instanceof GObject.Value)
        return [value, true];
    if (value instanceof GObject.Object || value instanceof GLib.Variant || value instanceof GLib.Bytes)
        return [value, true];
    return [toText(value), false];
}

function keepValue(action, value) {
    const [text, isSame] = toGValue(value);
    if (!isSame)
        action[valueKey] = {value, text};
    else if (valueKey in action)
        delete action[valueKey];
    return text;
}

function toGError(error) {
    if (error instanceof GLib.Error)
        return error;
    let text;
    try {
        text = error instanceof Error && error.name === 'Error' ? error.message : String(error);
    } catch {
        text = '';
    }
    return new GLib.Error(Jobs.Error, Jobs.Error.FAILED, toText(text || 'Error'));
}

function keepError(action, error) {
    const gerror = toGError(error);
    action[errorKey] = {error, message: gerror.message};
    return gerror;
}

function isSame(one, other) {
    return one instanceof GLib.Error && other instanceof GLib.Error &&
        one.matches(other.domain, other.code) && one.message === other.message;
}

// The error that a run ends with gets a cause; one that says that there was no run, none
function explain(action, error) {
    const cause = action.exception;
    if (isSame(action.get_error(), error) && !isSame(cause, error))
        error.cause = cause;
    return error;
}

// Arguments -------------------------------------------------------------------

// What is no number is 0 to GJS, and -1 is the largest one: it is refused here, before
// C sees it. A check takes the name and the value, and gives the value for C.

const UINT32_MAX = 2 ** 32 - 1;

// In milliseconds
const durations = new Set(['timeout', 'retry-delay', 'retry-delay-max', 'grace', 'shutdown-timeout',
    'delay', 'reminder']);

// On prototypes: the checks of properties by each of their names
const checksKey = Symbol('checks');

function show(value) {
    if (typeof value === 'string')
        return `'${value}'`;
    return value instanceof GObject.Object ? String(value) : toText(value);
}

function whole(least, most) {
    return (name, value) => {
        if (!Number.isInteger(value) || value < least || value > most)
            throw new TypeError(`${name} must be a whole number from ${least} to ${most}, not ${show(value)}`);
        return value;
    };
}

const count = whole(0, UINT32_MAX);
const integer = whole(-INT32_MAX - 1, INT32_MAX);
const long = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

function duration(name, value) {
    if (typeof value !== 'number' || !(value >= 0 && value <= UINT32_MAX))
        throw new TypeError(`${name} must be a number of milliseconds, 0 or more, not ${show(value)}`);
    // What is less than one is not nothing, which may mean no limit
    return Math.ceil(value);
}

function number(name, value) {
    if (typeof value !== 'number' || Number.isNaN(value))
        throw new TypeError(`${name} must be a number, not ${show(value)}`);
    return value;
}

function boolean(name, value) {
    if (typeof value !== 'boolean')
        throw new TypeError(`${name} must be true or false, not ${show(value)}`);
    return value;
}

function noMemberError(type, value) {
    const names = Object.keys(Jobs[type]).filter(name => typeof Jobs[type][name] === 'number');
    return new TypeError(`${type} has no value ${show(value)}, but ${names.join(', ')}`);
}

// A value of an enum, or its nick
function member(type) {
    return (_name, value) => {
        const found = typeof value === 'string' ? Jobs[type][value.toUpperCase().replace(/-/g, '_')] : value;
        if (typeof found !== 'number' || !Object.values(Jobs[type]).includes(found))
            throw noMemberError(type, value);
        return found;
    };
}

function flags(type) {
    return (_name, value) => {
        const all = Object.values(Jobs[type]).reduce((before, flag) => before | flag, 0);
        if (!Number.isInteger(value) || (value & ~all) !== 0)
            throw noMemberError(type, value);
        return value;
    };
}

function checkOf(pspec) {
    const type = GObject.type_name(pspec.value_type);
    if (durations.has(pspec.get_name()))
        return duration;
    if (GObject.type_is_a(pspec.value_type, GObject.TYPE_ENUM))
        return member(type.replace(/^Jobs/, ''));
    return {guint: count, gint: integer, gint64: long, gboolean: boolean}[type];
}

// Properties given to a constructor, as C is to get them
function checked(object, properties) {
    if (typeof properties !== 'object' || properties === null || properties instanceof GObject.Object) {
        const name = object.constructor.name.replace(/^Jobs_/, '');
        throw new TypeError(`new ${name}() takes an object literal with properties, not ${show(properties)}`);
    }
    const checks = object[checksKey] ?? {};
    return Object.fromEntries(Object.entries(properties).map(([name, value]) =>
        [name, name in checks ? checks[name](name, value) : value]));
}

function checkArgument(object, method, place, name, check) {
    const unchecked = object[method];
    object[method] = function (...args) {
        // Where there are too few, GJS says so
        if (place < args.length)
            args[place] = check(name, args[place]);
        return unchecked.apply(this, args);
    };
}

function checkProperty(prototype, name, check) {
    const property = Object.getOwnPropertyDescriptor(prototype, name);
    prototype[checksKey][name] = check;
    if (property?.set) {
        Object.defineProperty(prototype, name, {...property, set(value) {
            property.set.call(this, check(name, value));
        }});
    }
}

function checkProperties(klass) {
    const {prototype} = klass;
    prototype[checksKey] = Object.create(prototype[checksKey] ?? null);
    for (const pspec of GObject.Object.list_properties.call(klass)) {
        const check = checkOf(pspec);
        if (pspec.owner_type !== klass.$gtype || !(pspec.flags & GObject.ParamFlags.WRITABLE) || !check)
            continue;
        const snake = pspec.get_name().replace(/-/g, '_');
        const camel = pspec.get_name().replace(/-(.)/g, (_dash, letter) => letter.toUpperCase());
        for (const name of new Set([pspec.get_name(), snake, camel]))
            checkProperty(prototype, name, check);
        if (`set_${snake}` in prototype)
            checkArgument(prototype, `set_${snake}`, 0, snake, check);
    }
}

// Some parts of the library are left out where it is built without them
function isThere(name) {
    return name in Jobs;
}

// Those with properties to be checked, a base class first
const checkedClasses = ['Action', 'Engine', 'CommandAction', 'DelayAction', 'Pool', 'Workers', 'SshNode',
    'Board', 'TextMonitor', 'TerminalMonitor'];

// What else takes numbers: which argument, and its name
const checkedArguments = [
    ['Action', 'add_pool', 1, 'amount', count],
    ['Action', 'requires_full', 1, 'condition', member('Condition')],
    ['Attempt', 'report', 0, 'fraction', number],
    ['Board', 'count', 0, 'state', member('State')],
    ['Board', 'dup_active', 0, 'max', count],
    ['CommandAction', 'set_ready_delay', 0, 'delay', duration],
    ['CommandAction', 'set_ready_within', 0, 'within', duration],
    ['DelayAction', 'new', 1, 'delay', duration],
    ['Engine', 'count', 0, 'state', member('State')],
    ['Engine', 'pause', 0, 'flags', flags('PauseFlags')],
    ['Journal', 'open', 1, 'flags', flags('JournalFlags')],
    ['LocalNode', 'signal_all', 0, 'signum', integer],
    ['Picture', 'set_estimate', 1, 'duration', long],
    ['Picture', 'set_state', 1, 'state', member('State')],
    ['Picture', 'set_state', 3, 'duration', long],
    ['Pool', 'new', 1, 'capacity', count],
    ['Process', 'end', 0, 'wait_status', integer],
    ['Process', 'output', 0, 'stream', count],
    ['Process', 'progress', 0, 'fraction', number],
    ['Scenario', 'set_on_failure', 0, 'on_failure', member('OnFailure')],
    ['TerminalMonitor', 'new', 1, 'fd', integer],
    ['Workers', 'new', 0, 'size', count],
];

// Functions of no class
const checkedFunctions = [
    ['state_get_nick', 0, 'state', member('State')],
    ['state_is_active', 0, 'state', member('State')],
    ['state_is_terminal', 0, 'state', member('State')],
];

function initMaking() {
    for (const name of ['Pool', 'Workers', 'Node', 'Board', 'TextMonitor', 'TraceMonitor', 'BusMonitor']) {
        Jobs[name].prototype._init = function (properties = {}) {
            GObject.Object.prototype._init.call(this, checked(this, properties));
        };
    }
    // The engine comes first, as for their new(), or is a property like others
    for (const name of ['TextMonitor', 'TraceMonitor', 'EngineBoard']) {
        const {_init} = Jobs[name].prototype;
        Jobs[name].prototype._init = function (engine = {}, properties = {}) {
            const given = engine instanceof Jobs.Engine ? {...checked(this, properties), engine} : engine;
            _init.call(this, given);
            if (!this.engine)
                throw new TypeError(`new ${name}() takes an engine`);
        };
    }
}

function initChecks() {
    for (const name of checkedClasses.filter(isThere))
        checkProperties(Jobs[name]);
    for (const [name, method, ...argument] of checkedArguments.filter(([name]) => isThere(name)))
        checkArgument(method in Jobs[name] ? Jobs[name] : Jobs[name].prototype, method, ...argument);
    for (const argument of checkedFunctions)
        checkArgument(Jobs, ...argument);
}

// Promises --------------------------------------------------------------------

// While orchestrate() blocks inside of a promise's own turn no promise can go on:
// the attempts that would wait for one for ever
let waiting = null;
let isStuck = false;

function stuckError() {
    return new Error('no promise can go on while orchestrate() blocks the turn of another one: ' +
        'await orchestrate_async()');
}

function blocking(run) {
    const before = [waiting, isStuck];
    let canSettle = false;
    Promise.resolve().then(() => (canSettle = true));
    [waiting, isStuck] = [new Set(), false];
    // Promises have a much higher priority: this comes after them, if they come
    let source = GLib.idle_add(GLib.PRIORITY_HIGH, () => {
        const attempts = waiting;
        [source, waiting, isStuck] = [0, null, !canSettle];
        if (isStuck)
            attempts.forEach(attempt => attempt.fail(stuckError()));
        return GLib.SOURCE_REMOVE;
    });
    try {
        return run();
    } finally {
        if (source)
            GLib.source_remove(source);
        [waiting, isStuck] = before;
    }
}

// The attempt ends as the promise does
function settle(attempt, promise) {
    if (isStuck) {
        attempt.fail(stuckError());
        return;
    }
    waiting?.add(attempt);
    Promise.resolve(promise).then(value => {
        if (!attempt.has_outcome())
            attempt.complete(value);
    }, error => {
        if (!attempt.has_outcome())
            attempt.fail(error);
        else if (!isCancelled(error))
            report(error, attempt);
    });
}

// Too late for the engine, but somebody has to hear of it
function report(error, attempt) {
    const exception = Object(error) === error ? error : new Error(toText(error));
    logError(exception, `after the end of ${attempt.get_action() ?? 'its attempt'}`);
}

function isCancelled(error) {
    return error instanceof GLib.Error && error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
}

// To C any other value is true, and would be lost
function isVerdict(result) {
    return typeof result === 'boolean' || result === undefined;
}

// Lets virtual functions throw anything, and be async
function guard(prototype, name) {
    const vfunc = prototype[name];
    const isWork = name === 'vfunc_start' || name === 'vfunc_perform';
    prototype[name] = function (...args) {
        let result;
        try {
            result = vfunc.apply(this, args);
            if (!isThenable(result) && !isVerdict(result))
                throw new TypeError(`${name}() returned ${show(result)}: it returns true, and ` +
                    `its outcome goes to ${name === 'vfunc_perform' ? 'take_result()' : 'the attempt'}`);
        } catch (error) {
            throw isWork ? keepError(this, error) : toGError(error);
        }
        if (!isThenable(result))
            return result;
        if (name === 'vfunc_perform')
            throw keepError(this, new TypeError('vfunc_perform() cannot be async: override vfunc_start()'));
        // To stop is to ask: the attempt says when it has ended
        if (name !== 'vfunc_stop')
            settle(args[0], result);
        return true;
    };
}

// A method that returns a promise where it is given no callback
function promisify(prototype, name) {
    Gio._promisify(prototype, name);
    const method = prototype[name];
    prototype[name] = function (cancellable = null, ...callback) {
        return method.call(this, cancellable, ...callback);
    };
}

function explained(prototype, name) {
    const method = prototype[name];
    prototype[name] = function (...args) {
        try {
            return method.apply(this, args);
        } catch (error) {
            throw explain(this, error);
        }
    };
}

// Actions ---------------------------------------------------------------------

// The actions and sequences in what may be nested; null is nothing
function flatten(items, flat = []) {
    for (const item of items) {
        // An engine can be iterated too, but it is the engine that is meant
        if (item instanceof Jobs.Action || item instanceof Jobs.Sequence)
            flat.push(item);
        else if (typeof item === 'object' && item?.[Symbol.iterator])
            flatten(item, flat);
        else if (item !== null && item !== undefined)
            throw new TypeError(`expected actions, sequences, or arrays of them, not ${String(item)}`);
    }
    return flat;
}

function isPlain(value) {
    return typeof value === 'object' && value !== null &&
        Object.getPrototypeOf(value) === Object.prototype;
}

const actionMethods = {
    _init(properties = {}) {
        const {requires = null, ...others} = checked(this, properties);
        GObject.Object.prototype._init.call(this, others);
        this.requires(requires);
    },

    // Takes actions, sequences (their last one), null, and arrays; returns this one
    requires(...others) {
        for (const other of flatten(others)) {
            const action = other instanceof Jobs.Sequence ? other.get_last() : other;
            this.requires_full(action, Jobs.Condition.DONE);
        }
        return this;
    },

    take_result(value) {
        native.take_result.call(this, keepValue(this, value));
    },

    get_result() {
        const value = native.get_result.call(this);
        const kept = this[valueKey];
        if (kept?.text === value && this.get_state() === Jobs.State.FINISHED)
            return kept.value;
        return value;
    },

    toString() {
        return this.to_string();
    },
};

const attemptMethods = {
    // With any value, which is the result as it is
    complete(value) {
        const action = this.get_action();
        if (action && this.get_number() > 0 && !this.has_outcome())
            value = keepValue(action, value);
        else
            [value] = toGValue(value);
        native.complete.call(this, value);
    },

    // With anything that can be thrown, which is action.exception then
    fail(error) {
        const action = this.get_action();
        if (action && this.get_number() > 0 && !this.has_outcome())
            error = keepError(action, error);
        else
            error = toGError(error);
        native.fail.call(this, error);
    },
};

// What the action threw or rejected with, else why it failed otherwise, or null
function getException() {
    const error = this.get_error();
    const kept = this[errorKey];
    if (kept && error?.message === kept.message && this.get_state() === Jobs.State.FAILED)
        return kept.error;
    return error;
}

function initActions() {
    native.take_result = Jobs.Action.prototype.take_result;
    native.get_result = Jobs.Action.prototype.get_result;
    native.complete = Jobs.Attempt.prototype.complete;
    native.fail = Jobs.Attempt.prototype.fail;

    Object.assign(Jobs.Action.prototype, actionMethods);
    Object.assign(Jobs.Attempt.prototype, attemptMethods);
    Object.defineProperty(Jobs.Action.prototype, 'exception', {get: getException, configurable: true});
    explained(Jobs.Action.prototype, 'run_finish');
    promisify(Jobs.Action.prototype, 'run_async');

    Jobs.Action._classInit = function (klass) {
        for (const name of ['vfunc_perform', 'vfunc_start', 'vfunc_stop', 'vfunc_clean_up']) {
            if (Object.hasOwn(klass.prototype, name))
                guard(klass.prototype, name);
        }
        return GObject.Object._classInit(klass);
    };

    const FunctionAction = GObject.registerClass({
        GTypeName: 'JobsJsAction',
    }, class FunctionAction extends Jobs.Action {
        _init(work, properties) {
            super._init(properties);
            this._work = work;
        }

        vfunc_start(attempt) {
            const result = this._work.call(null, attempt);
            if (isThenable(result))
                return result;
            attempt.complete(result);
            return true;
        }
    });

    // An action of a function, async or not, that gets the attempt
    Jobs.Action.from = function (work, properties = {}) {
        if (typeof work !== 'function')
            throw new TypeError(`Action.from() takes a function, not ${String(work)}`);
        return new FunctionAction(work, properties);
    };
}

// Engines ---------------------------------------------------------------------

// A copy: what is removed meanwhile disturbs nobody
function iterate() {
    return Array.from({length: this.get_n_items()}, (_, i) => this.get_item(i))[Symbol.iterator]();
}

const engineMethods = {
    // Properties, actions, sequences, and arrays of them, in any order
    _init(...args) {
        const properties = Object.assign({}, ...args.filter(isPlain));
        actionMethods._init.call(this, properties);
        this.add(...args.filter(arg => !isPlain(arg)));
    },

    // Takes actions, sequences, null, and arrays; returns the engine. It adds all or,
    // where one of them cannot be added, none
    add(...items) {
        const flat = flatten(items);
        const actions = new Set(flat.flatMap(item => item instanceof Jobs.Sequence ? [...item] : item));
        refuse(this, actions);
        if (!native.add_many.call(this, [...actions]))
            throw new Error('they cannot be added: the log says why');
        for (const item of flat) {
            if (item instanceof Jobs.Sequence)
                native.add_sequence.call(this, item);
        }
        return this;
    },

    add_many(actions) {
        this.add(actions);
        return true;
    },

    add_sequence(sequence) {
        this.add(sequence);
        return true;
    },

    orchestrate(cancellable = null) {
        return blocking(() => native.orchestrate.call(this, cancellable));
    },

    // Runs the engine, and gives each of its actions as it ends; at the end it throws
    // where the run has failed. To leave the loop early is to cancel the run.
    async *asCompleted(cancellable = null) {
        const ended = [];
        let wake = () => {};
        let isOver = false;
        const handler = this.connect('action-state-changed', (_engine, action, _before, now) => {
            if (Jobs.state_is_terminal(now) && action.get_engine() === this)
                ended.push(action);
            wake();
        });
        const run = this.orchestrate_async(cancellable).finally(() => {
            isOver = true;
            wake();
        });
        // It is awaited below, but perhaps after it has failed
        run.catch(() => {});

        try {
            while (ended.length > 0 || !isOver) {
                if (ended.length > 0)
                    yield ended.shift();
                else
                    await new Promise(resolve => (wake = resolve));
            }
            await run;
        } finally {
            this.disconnect(handler);
            if (!isOver) {
                this.cancel();
                await run.catch(() => {});
            }
        }
    },
};

// Whether actions that come to an engine that runs require each other in a circle
function areCircular(actions) {
    const left = new Map(), dependents = new Map();
    for (const action of actions) {
        const others = action.dup_requirements().filter(other => actions.has(other));
        left.set(action, others.length);
        for (const other of others)
            dependents.set(other, dependents.get(other) ?? []).get(other).push(action);
    }
    const free = [...actions].filter(action => left.get(action) === 0);
    // It grows meanwhile
    for (const action of free) {
        for (const dependent of dependents.get(action) ?? []) {
            left.set(dependent, left.get(dependent) - 1);
            if (left.get(dependent) === 0)
                free.push(dependent);
        }
    }
    return free.length < actions.size;
}

// Why an action cannot come with others, which C would but log
function whyNot(engine, action, others, outers, isActive) {
    const owner = action.get_engine();
    if (owner)
        return owner === engine ? null : 'is in another engine';
    if (outers.has(action))
        return 'would be inside itself';
    const state = action.get_state();
    if (state === Jobs.State.RUNNING || state === Jobs.State.CANCELLING ||
        action instanceof Jobs.Engine && action.is_active())
        return 'is under way';
    for (const other of action.dup_requirements()) {
        if (outers.has(other))
            return `requires ${other}, and would be inside it`;
        if (isActive && other.get_engine() !== engine && !others.has(other) &&
            action.get_requirement(other)[1] !== Jobs.Condition.AFTER)
            return `requires ${other}, which is not in the engine, and that runs`;
    }
    return null;
}

function refuse(engine, actions) {
    const isActive = engine.is_active();
    const outers = new Set();
    for (let outer = engine; outer; outer = outer.get_engine())
        outers.add(outer);
    for (const action of actions) {
        const why = whyNot(engine, action, actions, outers, isActive);
        if (why)
            throw new Error(`${action} cannot be added: it ${why}`);
    }
    if (isActive && actions.size > 1 && areCircular(actions))
        throw new Error('actions that require each other in a circle cannot be added: the engine runs');
}

// As for any action; or what made the action fail that the run failed by
function getEngineException() {
    const error = getException.call(this);
    if (error instanceof GLib.Error && (error.matches(Jobs.Error, Jobs.Error.CRITICAL) ||
        error.matches(Jobs.Error, Jobs.Error.INCOMPLETE)))
        return this.get_culprit()?.exception ?? error;
    return error;
}

function whyNotAppended(sequence, actions) {
    for (const action of sequence) {
        if (actions.has(action))
            return `${action} is in the sequence already`;
    }
    const [first] = actions, last = sequence.get_last();
    try {
        // What C has tried too
        if (last && !first.get_requirement(last)[0]) {
            first.requires_full(last, Jobs.Condition.DONE);
            first.drop_requirement(last);
        }
    } catch (error) {
        return error.message;
    }
    return 'it cannot require what the sequence requires';
}

function initEngines() {
    native.add_many = Jobs.Engine.prototype.add_many;
    native.add_sequence = Jobs.Engine.prototype.add_sequence;
    native.orchestrate = Jobs.Engine.prototype.orchestrate;

    Object.assign(Jobs.Engine.prototype, engineMethods);
    Object.defineProperty(Jobs.Engine.prototype, 'exception',
        {get: getEngineException, configurable: true});
    explained(Jobs.Engine.prototype, 'orchestrate');
    explained(Jobs.Engine.prototype, 'orchestrate_finish');
    for (const name of ['orchestrate_async', 'shutdown_async', 'clear_async'])
        promisify(Jobs.Engine.prototype, name);

    Object.assign(Jobs.Sequence.prototype, {
        _init(...actions) {
            GObject.Object.prototype._init.call(this, {});
            this.append(...actions);
        },

        append(...items) {
            for (const item of flatten(items)) {
                const isSequence = item instanceof Jobs.Sequence;
                const actions = new Set(isSequence ? item : [item]);
                if (this.get_engine())
                    refuse(this.get_engine(), actions);
                const append = isSequence ? native.append_sequence : native.append;
                if (!append.call(this, item))
                    throw new Error(`${[...actions][0]} cannot be appended: ${whyNotAppended(this, actions)}`);
            }
            return this;
        },
    });

    for (const model of [Jobs.Engine, Jobs.Sequence, Jobs.Board])
        model.prototype[Symbol.iterator] = iterate;
}

function _init() {
    Jobs = this;
    native.append = Jobs.Sequence.prototype.append;
    native.append_sequence = Jobs.Sequence.prototype.append_sequence;
    initChecks();
    initMaking();
    initActions();
    initEngines();
}
