SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.delivery_report (
    id bigint NOT NULL,
    gateway text NOT NULL,
    reference text,
    gateway_message_id text,
    status text NOT NULL,
    word text NOT NULL,
    detail text NOT NULL,
    parameters text NOT NULL,
    received_at bigint NOT NULL
);
CREATE SEQUENCE public.delivery_report_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.delivery_report_id_seq OWNED BY public.delivery_report.id;
CREATE TABLE public.handling (
    id bigint NOT NULL,
    inbox_id bigint NOT NULL,
    handler text NOT NULL,
    attempt integer NOT NULL,
    outcome text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    error text NOT NULL,
    CONSTRAINT handling_outcome CHECK ((outcome = ANY (ARRAY['ACCEPTED'::text, 'TRY_LATER'::text, 'GAVE_UP'::text, 'UNKNOWN'::text, 'HANDLED'::text, 'RAISED'::text])))
);
CREATE SEQUENCE public.handling_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.handling_id_seq OWNED BY public.handling.id;
CREATE TABLE public.inbox (
    id bigint NOT NULL,
    gateway text NOT NULL,
    gateway_message_id text,
    sender text NOT NULL,
    receiver text NOT NULL,
    text text NOT NULL,
    keyword text NOT NULL,
    parameters text NOT NULL,
    raw bytea,
    sent_at bigint,
    received_at bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    due_at bigint NOT NULL,
    finished_at bigint,
    CONSTRAINT inbox_state CHECK ((state = ANY (ARRAY['RECEIVED'::text, 'HANDLED'::text, 'UNMATCHED'::text, 'FAILED'::text])))
);
CREATE SEQUENCE public.inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.inbox_id_seq OWNED BY public.inbox.id;
CREATE TABLE public.inbox_repeat (
    id bigint NOT NULL,
    inbox_id bigint NOT NULL,
    received_at bigint NOT NULL
);
CREATE SEQUENCE public.inbox_repeat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.inbox_repeat_id_seq OWNED BY public.inbox_repeat.id;
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    cause text,
    inbox_id bigint,
    event_source text NOT NULL,
    gateway text NOT NULL,
    receiver text NOT NULL,
    text text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    finished_at bigint,
    error text NOT NULL,
    CONSTRAINT outbox_state CHECK ((state = ANY (ARRAY['QUEUED'::text, 'SENDING'::text, 'WAITING'::text, 'SENT'::text, 'DELIVERED'::text, 'UNDELIVERED'::text, 'FAILED'::text, 'HELD'::text])))
);
CREATE SEQUENCE public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;
CREATE TABLE public.poll (
    event_source text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    error text NOT NULL
);
CREATE TABLE public.submission (
    reference text NOT NULL,
    outbox_id bigint NOT NULL,
    gateway text NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    attempt integer NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    outcome text,
    gateway_message_id text,
    exchange text NOT NULL,
    error text NOT NULL,
    delivery text,
    CONSTRAINT submission_outcome CHECK ((outcome = ANY (ARRAY['ACCEPTED'::text, 'TRY_LATER'::text, 'GAVE_UP'::text, 'UNKNOWN'::text, 'HANDLED'::text, 'RAISED'::text])))
);
CREATE TABLE public.subscription (
    id bigint NOT NULL,
    event_source text NOT NULL,
    user_id text NOT NULL,
    phone text NOT NULL,
    gateway text NOT NULL,
    created_at bigint NOT NULL
);
CREATE SEQUENCE public.subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.subscription_id_seq OWNED BY public.subscription.id;
CREATE TABLE public.user_state (
    id bigint NOT NULL,
    event_source text NOT NULL,
    user_id text NOT NULL,
    state text NOT NULL
);
CREATE SEQUENCE public.user_state_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.user_state_id_seq OWNED BY public.user_state.id;
ALTER TABLE ONLY public.delivery_report ALTER COLUMN id SET DEFAULT nextval('public.delivery_report_id_seq'::regclass);
ALTER TABLE ONLY public.handling ALTER COLUMN id SET DEFAULT nextval('public.handling_id_seq'::regclass);
ALTER TABLE ONLY public.inbox ALTER COLUMN id SET DEFAULT nextval('public.inbox_id_seq'::regclass);
ALTER TABLE ONLY public.inbox_repeat ALTER COLUMN id SET DEFAULT nextval('public.inbox_repeat_id_seq'::regclass);
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);
ALTER TABLE ONLY public.subscription ALTER COLUMN id SET DEFAULT nextval('public.subscription_id_seq'::regclass);
ALTER TABLE ONLY public.user_state ALTER COLUMN id SET DEFAULT nextval('public.user_state_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.delivery_report VALUES (1, 'kannel', '-Yt14OxSWC7SYE2m', NULL, 'DELIVERED', '1', '', '[["dlr-status", "1"], ["reference", "-Yt14OxSWC7SYE2m"]]', 1577836801065);
INSERT INTO public.delivery_report VALUES (2, 'kannel', NULL, NULL, 'DELIVERED', '1', '', '[["dlr-status", "1"], ["reference", "nobody-knows"]]', 1577836801073);
INSERT INTO public.handling VALUES (1, 1, 'echo.reply', 1, 'HANDLED', 1577836800010, 1577836800020, '');
INSERT INTO public.handling VALUES (2, 4, 'echo.reply', 1, 'HANDLED', 1577836800032, 1577836800040, '');
INSERT INTO public.handling VALUES (3, 2, 'diary.note', 1, 'HANDLED', 1577836800036, 1577836800049, '');
INSERT INTO public.handling VALUES (4, 5, 'diary.note', 1, 'HANDLED', 1577836800048, 1577836800058, '');
INSERT INTO public.handling VALUES (5, 3, 'echo.reply', 1, 'HANDLED', 1577836800060, 1577836800061, '');
INSERT INTO public.handling VALUES (6, 6, 'echo.reply', 1, 'HANDLED', 1577836800066, 1577836800068, '');
INSERT INTO public.handling VALUES (7, 7, 'echo.reply', 1, 'HANDLED', 1577836800068, 1577836800074, '');
INSERT INTO public.handling VALUES (8, 8, 'diary.note', 1, 'HANDLED', 1577836800081, 1577836800091, '');
INSERT INTO public.handling VALUES (9, 9, 'echo.reply', 1, 'HANDLED', 1577836800099, 1577836800100, '');
INSERT INTO public.handling VALUES (10, 11, 'trouble.raising', 1, 'RAISED', 1577836800110, 1577836800115, 'Traceback (most recent call last):
  File "/tmp/tmpmoepxfsy/first_revision/host/handling.py", line 171, in _run
    run(call, handler.function, event)
  File "/tmp/tmpmoepxfsy/first_revision/host/procedures.py", line 70, in run
    return function(*arguments)
           ^^^^^^^^^^^^^^^^^^^^
  File "/tmp/tmpmoepxfsy/postgresql/adapters/trouble/__init__.py", line 22, in raising
    raise LookupError(f"no shelf for {event[''text'']}")
LookupError: no shelf for raise 1
');
INSERT INTO public.handling VALUES (11, 11, 'trouble.witness', 1, 'HANDLED', 1577836800115, 1577836800119, '');
INSERT INTO public.handling VALUES (12, 12, 'echo.reply', 1, 'HANDLED', 1577836800121, 1577836800127, '');
INSERT INTO public.handling VALUES (13, 11, 'trouble.raising', 2, 'RAISED', 1577836800991, 1577836800992, 'Traceback (most recent call last):
  File "/tmp/tmpmoepxfsy/first_revision/host/handling.py", line 171, in _run
    run(call, handler.function, event)
  File "/tmp/tmpmoepxfsy/first_revision/host/procedures.py", line 70, in run
    return function(*arguments)
           ^^^^^^^^^^^^^^^^^^^^
  File "/tmp/tmpmoepxfsy/postgresql/adapters/trouble/__init__.py", line 22, in raising
    raise LookupError(f"no shelf for {event[''text'']}")
LookupError: no shelf for raise 1
');
INSERT INTO public.handling VALUES (14, 13, 'echo.reply', 1, 'HANDLED', 1577836801000, 1577836801002, '');
INSERT INTO public.handling VALUES (15, 14, 'echo.reply', 1, 'HANDLED', 1577836801019, 1577836801020, '');
INSERT INTO public.handling VALUES (16, 15, 'echo.reply', 1, 'HANDLED', 1577836801038, 1577836801039, '');
INSERT INTO public.handling VALUES (17, 16, 'echo.reply', 1, 'HANDLED', 1577836801084, 1577836801085, '');
INSERT INTO public.handling VALUES (18, 17, 'echo.reply', 1, 'HANDLED', 1577836801114, 1577836801116, '');
INSERT INTO public.handling VALUES (19, 19, 'echo.reply', 1, 'HANDLED', 1577836801125, 1577836801126, '');
INSERT INTO public.handling VALUES (20, 21, 'echo.reply', 1, 'HANDLED', 1577836801131, 1577836801133, '');
INSERT INTO public.handling VALUES (21, 23, 'echo.reply', 1, 'HANDLED', 1577836801145, 1577836801148, '');
INSERT INTO public.inbox VALUES (1, 'web', 'text-1', '+15550000000', '26161', 'echo 1 ünïcödé 😀', 'echo', '[["from", "+15550000000"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-1"]]', NULL, NULL, 1577836800000, 'HANDLED', 1, 1577836800000, 1577836800021);
INSERT INTO public.inbox VALUES (4, 'web', 'text-3', '+15550000001', '26161', 'echo 1 ünïcödé 😀', 'echo', '[["from", "+15550000001"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-3"]]', NULL, NULL, 1577836800017, 'HANDLED', 1, 1577836800017, 1577836800041);
INSERT INTO public.inbox VALUES (2, 'web', 'text-2', '+15550000000', '26161', 'note 2', 'note', '[["from", "+15550000000"], ["to", "26161"], ["text", "note 2"], ["id", "text-2"]]', NULL, NULL, 1577836800007, 'HANDLED', 1, 1577836800007, 1577836800052);
INSERT INTO public.inbox VALUES (5, 'web', 'text-4', '+15550000001', '26161', 'note 2', 'note', '[["from", "+15550000001"], ["to", "26161"], ["text", "note 2"], ["id", "text-4"]]', NULL, NULL, 1577836800026, 'HANDLED', 1, 1577836800026, 1577836800064);
INSERT INTO public.inbox VALUES (3, 'plain', NULL, '+15550000000', '26161', 'echo 3', 'echo', '[["from", "+15550000000"], ["to", "26161"], ["text", "echo 3"]]', NULL, NULL, 1577836800013, 'HANDLED', 1, 1577836800013, 1577836800066);
INSERT INTO public.inbox VALUES (6, 'plain', NULL, '+15550000001', '26161', 'echo 3', 'echo', '[["from", "+15550000001"], ["to", "26161"], ["text", "echo 3"]]', NULL, NULL, 1577836800043, 'HANDLED', 1, 1577836800043, 1577836800069);
INSERT INTO public.inbox VALUES (7, 'web', 'text-5', '+15550000002', '26161', 'echo 1 ünïcödé 😀', 'echo', '[["from", "+15550000002"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-5"]]', NULL, NULL, 1577836800053, 'HANDLED', 1, 1577836800053, 1577836800079);
INSERT INTO public.inbox VALUES (8, 'web', 'text-6', '+15550000002', '26161', 'note 2', 'note', '[["from", "+15550000002"], ["to", "26161"], ["text", "note 2"], ["id", "text-6"]]', NULL, NULL, 1577836800071, 'HANDLED', 1, 1577836800071, 1577836800095);
INSERT INTO public.inbox VALUES (9, 'plain', NULL, '+15550000002', '26161', 'echo 3', 'echo', '[["from", "+15550000002"], ["to", "26161"], ["text", "echo 3"]]', NULL, NULL, 1577836800078, 'HANDLED', 1, 1577836800078, 1577836800103);
INSERT INTO public.inbox VALUES (10, 'web', 'text-7', '+15550000003', '26161', 'nobody is for this', 'nobody', '[["from", "+15550000003"], ["to", "26161"], ["text", "nobody is for this"], ["id", "text-7"]]', NULL, NULL, 1577836800099, 'UNMATCHED', 1, 1577836800099, 1577836800107);
INSERT INTO public.inbox VALUES (12, 'web', 'raw', '+15550000005', '26161', 'echo ��', 'echo', '[["from", "+15550000005"], ["to", "26161"], ["text", "echo ��"], ["id", "raw"]]', '\x0a66726f6d3d253242313535353030303030303526746f3d323631363126746578743d6563686f2b2566662566652669643d726177', NULL, 1577836800113, 'HANDLED', 1, 1577836800113, 1577836800128);
INSERT INTO public.inbox VALUES (11, 'web', 'text-8', '+15550000004', '26161', 'raise 1', 'raise', '[["from", "+15550000004"], ["to", "26161"], ["text", "raise 1"], ["id", "text-8"]]', NULL, NULL, 1577836800104, 'FAILED', 2, 1577836800992, 1577836800993);
INSERT INTO public.inbox VALUES (13, 'web', 'text-9', '+15550000006', '26161', 'echo 1', 'echo', '[["from", "+15550000006"], ["to", "26161"], ["text", "echo 1"], ["id", "text-9"]]', NULL, NULL, 1577836800997, 'HANDLED', 1, 1577836800997, 1577836801003);
INSERT INTO public.inbox VALUES (14, 'web', 'text-10', '+15550000007', '26161', 'echo 1', 'echo', '[["from", "+15550000007"], ["to", "26161"], ["text", "echo 1"], ["id", "text-10"]]', NULL, NULL, 1577836801016, 'HANDLED', 1, 1577836801016, 1577836801021);
INSERT INTO public.inbox VALUES (15, 'kannel', 'kannel-1', '+15550000008', '26161', 'echo 1', 'echo', '[["from", "+15550000008"], ["to", "26161"], ["text", "echo 1"], ["id", "kannel-1"]]', NULL, NULL, 1577836801035, 'HANDLED', 1, 1577836801035, 1577836801040);
INSERT INTO public.inbox VALUES (16, 'web', 'text-11', '+15550000009', '26161', 'echo 1', 'echo', '[["from", "+15550000009"], ["to", "26161"], ["text", "echo 1"], ["id", "text-11"]]', NULL, NULL, 1577836801079, 'HANDLED', 1, 1577836801079, 1577836801086);
INSERT INTO public.inbox VALUES (17, 'web', 'text-12', '+15550000009', '26161', 'echo 2', 'echo', '[["from", "+15550000009"], ["to", "26161"], ["text", "echo 2"], ["id", "text-12"]]', NULL, NULL, 1577836801112, 'HANDLED', 1, 1577836801112, 1577836801117);
INSERT INTO public.inbox VALUES (18, 'web', 'text-13', '+15550000010', '26161', 'slow 2', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 2"], ["id", "text-13"]]', NULL, NULL, 1577836801116, 'RECEIVED', 0, 1577836801116, NULL);
INSERT INTO public.inbox VALUES (20, 'web', 'text-15', '+15550000010', '26161', 'slow 3', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 3"], ["id", "text-15"]]', NULL, NULL, 1577836801124, 'RECEIVED', 0, 1577836801124, NULL);
INSERT INTO public.inbox VALUES (19, 'web', 'text-14', '+15550000009', '26161', 'echo 3', 'echo', '[["from", "+15550000009"], ["to", "26161"], ["text", "echo 3"], ["id", "text-14"]]', NULL, NULL, 1577836801120, 'HANDLED', 1, 1577836801120, 1577836801126);
INSERT INTO public.inbox VALUES (21, 'web', 'text-16', '+15550000009', '26161', 'echo 4', 'echo', '[["from", "+15550000009"], ["to", "26161"], ["text", "echo 4"], ["id", "text-16"]]', NULL, NULL, 1577836801129, 'HANDLED', 1, 1577836801129, 1577836801133);
INSERT INTO public.inbox VALUES (22, 'web', 'text-17', '+15550000010', '26161', 'slow 4', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 4"], ["id", "text-17"]]', NULL, NULL, 1577836801133, 'RECEIVED', 0, 1577836801133, NULL);
INSERT INTO public.inbox VALUES (23, 'web', 'text-18', '+15550000011', '26161', 'echo 1', 'echo', '[["from", "+15550000011"], ["to", "26161"], ["text", "echo 1"], ["id", "text-18"]]', NULL, NULL, 1577836801141, 'HANDLED', 1, 1577836801141, 1577836801148);
INSERT INTO public.inbox VALUES (24, 'web', 'text-19', '+15550000010', '26161', 'slow 5', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 5"], ["id", "text-19"]]', NULL, NULL, 1577836801162, 'RECEIVED', 0, 1577836801162, NULL);
INSERT INTO public.inbox VALUES (25, 'web', 'text-20', '+15550000010', '26161', 'slow 6', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 6"], ["id", "text-20"]]', NULL, NULL, 1577836801164, 'RECEIVED', 0, 1577836801164, NULL);
INSERT INTO public.inbox VALUES (26, 'web', 'text-21', '+15550000010', '26161', 'slow 7', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 7"], ["id", "text-21"]]', NULL, NULL, 1577836801168, 'RECEIVED', 0, 1577836801168, NULL);
INSERT INTO public.inbox VALUES (27, 'web', 'text-22', '+15550000010', '26161', 'slow 8', 'slow', '[["from", "+15550000010"], ["to", "26161"], ["text", "slow 8"], ["id", "text-22"]]', NULL, NULL, 1577836801171, 'RECEIVED', 0, 1577836801171, NULL);
INSERT INTO public.inbox_repeat VALUES (1, 1, 1577836800086);
INSERT INTO public.outbox VALUES (1, 'in-1/echo.reply/1', 1, 'echo.phones', 'web', '+15550000000', 're echo 1 ünïcödé 😀', 'SENT', 1, 1577836800020, 1577836800055, 1577836800061, '');
INSERT INTO public.outbox VALUES (2, 'in-4/echo.reply/1', 4, 'echo.phones', 'web', '+15550000001', 're echo 1 ünïcödé 😀', 'SENT', 1, 1577836800040, 1577836800071, 1577836800074, '');
INSERT INTO public.outbox VALUES (3, 'in-3/echo.reply/1', 3, 'echo.phones', 'web', '+15550000000', 're echo 3', 'SENT', 1, 1577836800061, 1577836800083, 1577836800087, '');
INSERT INTO public.outbox VALUES (4, 'in-6/echo.reply/1', 6, 'echo.phones', 'web', '+15550000001', 're echo 3', 'SENT', 1, 1577836800068, 1577836800087, 1577836800093, '');
INSERT INTO public.outbox VALUES (5, 'in-7/echo.reply/1', 7, 'echo.phones', 'web', '+15550000002', 're echo 1 ünïcödé 😀', 'SENT', 1, 1577836800074, 1577836800098, 1577836800100, '');
INSERT INTO public.outbox VALUES (6, 'in-9/echo.reply/1', 9, 'echo.phones', 'web', '+15550000002', 're echo 3', 'SENT', 1, 1577836800100, 1577836800113, 1577836800114, '');
INSERT INTO public.outbox VALUES (7, 'in-11/trouble.witness/1', 11, 'trouble.phones', 'web', '+15550000004', 'saw raise 1', 'SENT', 1, 1577836800119, 1577836800130, 1577836800130, '');
INSERT INTO public.outbox VALUES (8, 'in-12/echo.reply/1', 12, 'echo.phones', 'web', '+15550000005', 're echo ��', 'SENT', 1, 1577836800127, 1577836800141, 1577836800141, '');
INSERT INTO public.outbox VALUES (9, 'in-13/echo.reply/1', 13, 'echo.phones', 'web', '+15550000006', 're echo 1', 'FAILED', 1, 1577836801002, 1577836801009, 1577836801010, 'the gateway answered 400: ');
INSERT INTO public.outbox VALUES (10, 'in-14/echo.reply/1', 14, 'echo.phones', 'web', '+15550000007', 're echo 1', 'HELD', 1, 1577836801020, 1577836801028, 1577836801030, '127.0.0.1:45455 did not answer: RemoteDisconnected');
INSERT INTO public.outbox VALUES (11, 'in-15/echo.reply/1', 15, 'echo.phones', 'kannel', '+15550000008', 're echo 1', 'DELIVERED', 1, 1577836801039, 1577836801052, 1577836801070, '');
INSERT INTO public.outbox VALUES (12, 'in-16/echo.reply/1', 16, 'echo.phones', 'web', '+15550000009', 're echo 1', 'WAITING', 1, 1577836801085, 1577836805136, NULL, 'the gateway answered 503: ');
INSERT INTO public.outbox VALUES (13, 'in-17/echo.reply/1', 17, 'echo.phones', 'web', '+15550000009', 're echo 2', 'QUEUED', 0, 1577836801116, 1577836801116, NULL, '');
INSERT INTO public.outbox VALUES (14, 'in-19/echo.reply/1', 19, 'echo.phones', 'web', '+15550000009', 're echo 3', 'QUEUED', 0, 1577836801126, 1577836801126, NULL, '');
INSERT INTO public.outbox VALUES (15, 'in-21/echo.reply/1', 21, 'echo.phones', 'web', '+15550000009', 're echo 4', 'QUEUED', 0, 1577836801133, 1577836801133, NULL, '');
INSERT INTO public.outbox VALUES (16, 'in-23/echo.reply/1', 23, 'echo.phones', 'web', '+15550000011', 're echo 1', 'SENDING', 1, 1577836801148, 1577836801148, NULL, '');
INSERT INTO public.poll VALUES ('diary.readers', 1577836800980, 1577836800980, '');
INSERT INTO public.submission VALUES ('m2Se4vrtXKWP2_vE', 1, 'web', 1, 1, 1, 1577836800045, 1577836800061, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000000&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('95JrocLAIj_3SrKS', 2, 'web', 1, 1, 1, 1577836800049, 1577836800074, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000001&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('ipTrzn8wCmUbcJGE', 3, 'web', 1, 1, 1, 1577836800073, 1577836800087, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000000&text=re%20echo%203
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('9jDLyo5JTV6phLmp', 4, 'web', 1, 1, 1, 1577836800077, 1577836800093, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000001&text=re%20echo%203
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('tg-Qu_6ZzdHr19vM', 5, 'web', 1, 1, 1, 1577836800086, 1577836800100, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000002&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('VjIFVflCT4c5mdyv', 6, 'web', 1, 1, 1, 1577836800108, 1577836800114, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000002&text=re%20echo%203
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('5F6BvzA4pExgPfkx', 7, 'web', 1, 1, 1, 1577836800126, 1577836800130, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000004&text=saw%20raise%201
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('eZ0riPZrN-cTVWEl', 8, 'web', 1, 1, 1, 1577836800135, 1577836800141, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000005&text=re%20echo%20%EF%BF%BD%EF%BF%BD
heard 200 ', '', NULL);
INSERT INTO public.submission VALUES ('Ms6ty_Q-iXYDjJYb', 9, 'web', 1, 1, 1, 1577836801006, 1577836801010, 'GAVE_UP', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000006&text=re%20echo%201
heard 400 ', 'the gateway answered 400: ', NULL);
INSERT INTO public.submission VALUES ('3wcAMNDLwOF0F8c8', 10, 'web', 1, 1, 1, 1577836801024, 1577836801030, 'UNKNOWN', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000007&text=re%20echo%201', '127.0.0.1:45455 did not answer: RemoteDisconnected', NULL);
INSERT INTO public.submission VALUES ('-Yt14OxSWC7SYE2m', 11, 'kannel', 1, 1, 1, 1577836801048, 1577836801052, 'ACCEPTED', NULL, 'said GET http://127.0.0.1:45455/cgi-bin/sendsms?to=%2B15550000008&text=re%20echo%201&username=***&password=***&coding=0&charset=UTF-8
heard 202 0: Accepted for delivery', '', 'DELIVERED');
INSERT INTO public.submission VALUES ('rhfQBfkfSezugSCq', 12, 'web', 1, 1, 1, 1577836801099, 1577836801104, 'TRY_LATER', NULL, 'said GET http://127.0.0.1:45455/?to=%2B15550000009&text=re%20echo%201
heard 503 ', 'the gateway answered 503: ', NULL);
INSERT INTO public.submission VALUES ('qkhSEeGzOumLI_17', 16, 'web', 1, 1, 1, 1577836801153, NULL, NULL, NULL, '', '', NULL);
INSERT INTO public.subscription VALUES (1, 'echo.phones', '+15550000000', '+15550000000', 'web', 1577836800018);
INSERT INTO public.subscription VALUES (2, 'echo.phones', '+15550000001', '+15550000001', 'web', 1577836800038);
INSERT INTO public.subscription VALUES (3, 'diary.readers', '+15550000000', '+15550000000', 'web', 1577836800042);
INSERT INTO public.subscription VALUES (4, 'diary.readers', '+15550000001', '+15550000001', 'web', 1577836800054);
INSERT INTO public.subscription VALUES (5, 'echo.phones', '+15550000002', '+15550000002', 'web', 1577836800072);
INSERT INTO public.subscription VALUES (6, 'diary.readers', '+15550000002', '+15550000002', 'web', 1577836800088);
INSERT INTO public.subscription VALUES (7, 'trouble.phones', '+15550000004', '+15550000004', 'web', 1577836800117);
INSERT INTO public.subscription VALUES (8, 'echo.phones', '+15550000005', '+15550000005', 'web', 1577836800124);
INSERT INTO public.subscription VALUES (9, 'echo.phones', '+15550000006', '+15550000006', 'web', 1577836801002);
INSERT INTO public.subscription VALUES (10, 'echo.phones', '+15550000007', '+15550000007', 'web', 1577836801020);
INSERT INTO public.subscription VALUES (11, 'echo.phones', '+15550000008', '+15550000008', 'kannel', 1577836801039);
INSERT INTO public.subscription VALUES (12, 'echo.phones', '+15550000009', '+15550000009', 'web', 1577836801085);
INSERT INTO public.subscription VALUES (13, 'echo.phones', '+15550000011', '+15550000011', 'web', 1577836801147);
INSERT INTO public.user_state VALUES (1, 'diary.readers', '+15550000000', '{"notes": ["note 2"]}');
INSERT INTO public.user_state VALUES (2, 'diary.readers', '+15550000001', '{"notes": ["note 2"]}');
INSERT INTO public.user_state VALUES (3, 'diary.readers', '+15550000002', '{"notes": ["note 2"]}');
SELECT pg_catalog.setval('public.delivery_report_id_seq', 2, true);
SELECT pg_catalog.setval('public.handling_id_seq', 21, true);
SELECT pg_catalog.setval('public.inbox_id_seq', 27, true);
SELECT pg_catalog.setval('public.inbox_repeat_id_seq', 1, true);
SELECT pg_catalog.setval('public.outbox_id_seq', 16, true);
SELECT pg_catalog.setval('public.subscription_id_seq', 13, true);
SELECT pg_catalog.setval('public.user_state_id_seq', 3, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.delivery_report
    ADD CONSTRAINT delivery_report_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling
    ADD CONSTRAINT handling_once_per_attempt UNIQUE (inbox_id, handler, attempt);
ALTER TABLE ONLY public.handling
    ADD CONSTRAINT handling_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_one_per_gateway_id UNIQUE (gateway, gateway_message_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbox_repeat
    ADD CONSTRAINT inbox_repeat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_one_per_cause UNIQUE (cause);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.poll
    ADD CONSTRAINT poll_pkey PRIMARY KEY (event_source);
ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_once_per_attempt UNIQUE (outbox_id, part, attempt);
ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (reference);
ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_one_per_phone UNIQUE (event_source, phone);
ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.user_state
    ADD CONSTRAINT user_state_one_per_user UNIQUE (event_source, user_id);
ALTER TABLE ONLY public.user_state
    ADD CONSTRAINT user_state_pkey PRIMARY KEY (id);
CREATE INDEX delivery_report_by_reference ON public.delivery_report USING btree (reference);
CREATE INDEX delivery_report_unmatched ON public.delivery_report USING btree (gateway, gateway_message_id) WHERE (reference IS NULL);
CREATE UNIQUE INDEX handling_succeeds_once ON public.handling USING btree (inbox_id, handler) WHERE (outcome = 'HANDLED'::text);
CREATE INDEX inbox_ready ON public.inbox USING btree (id) WHERE ((state = 'RECEIVED'::text) AND (attempts >= 0));
CREATE INDEX inbox_waiting_by_sender ON public.inbox USING btree (sender, id) WHERE (state = 'RECEIVED'::text);
CREATE INDEX ix_inbox_repeat_inbox_id ON public.inbox_repeat USING btree (inbox_id);
CREATE INDEX outbox_by_inbox ON public.outbox USING btree (inbox_id);
CREATE INDEX outbox_ready ON public.outbox USING btree (gateway, id) WHERE ((state = ANY (ARRAY['QUEUED'::text, 'WAITING'::text, 'SENDING'::text])) AND (attempts >= 0));
CREATE INDEX outbox_waiting_by_receiver ON public.outbox USING btree (gateway, receiver, id) WHERE (state = ANY (ARRAY['QUEUED'::text, 'WAITING'::text, 'SENDING'::text]));
CREATE UNIQUE INDEX submission_accepted_once ON public.submission USING btree (outbox_id, part) WHERE (outcome = 'ACCEPTED'::text);
CREATE INDEX submission_by_gateway_id ON public.submission USING btree (gateway, gateway_message_id);
CREATE INDEX subscription_by_user ON public.subscription USING btree (event_source, user_id);
ALTER TABLE ONLY public.delivery_report
    ADD CONSTRAINT delivery_report_reference_fkey FOREIGN KEY (reference) REFERENCES public.submission(reference);
ALTER TABLE ONLY public.handling
    ADD CONSTRAINT handling_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inbox(id);
ALTER TABLE ONLY public.inbox_repeat
    ADD CONSTRAINT inbox_repeat_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inbox(id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inbox(id);
ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_outbox_id_fkey FOREIGN KEY (outbox_id) REFERENCES public.outbox(id);
