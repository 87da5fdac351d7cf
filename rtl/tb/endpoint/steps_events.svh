// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: events.
    // ---- events by INTx and MSI
    pause = 20;
    rd32("errors so far are noted", Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1040, 32'd1);
    cfg_wr(12'h04, 32'hf900_0006);
    cfg_wr(12'hb0, 32'h0);                       // no MSI-X
    settle();
    expect_eq("nothing to assert", 64'(intx_code.size()), 64'd0);
    cause(2'd3, 20'd1);
    settle();
    expect_eq("one Assert", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_is("interrupt status", 12'h04, 32'h0018_0006);
    rd32("latch and wire", Regs + 64'h1154, 32'h3);
    cfg_wr(12'h04, 32'h0000_0406);
    settle();
    if (intx_code.size() != 0) expect_eq("disabled: Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_is("interrupt status stays", 12'h04, 32'h0018_0406);
    cfg_wr(12'h04, 32'h0000_0002);               // messages are no bus mastering
    settle();
    if (intx_code.size() != 0) expect_eq("enabled: Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_wr(12'h04, 32'h0000_0006);
    // MSI: the latch is handed over, behind the Deassert.
    cfg_wr(12'h94, 32'hfee0_5000);
    cfg_wr(12'h98, 32'h0);
    cfg_wr(12'h9c, 32'habcd_4600);
    cfg_wr(12'h90, 32'h0021_0000);               // four vectors
    msg_is("handed over", 64'hfee0_5000, 32'h4600);
    expect_eq("Deassert first", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_wr(12'ha0, 32'h0000_0004);               // vector 2 is masked
    cause(2'd3, 20'd0);
    msg_is("event 0", 64'hfee0_5000, 32'h4601);
    cause(2'd3, 20'd4);
    settle();
    cfg_is("pending", 12'ha4, 32'h0000_0004);
    cfg_wr(12'h90, 32'h0421_0000);               // extended data
    cfg_wr(12'ha0, 32'h0);
    msg_is("unmasked", 64'hfee0_5000, 32'habcd_4602);
    cfg_is("no longer pending", 12'ha4, 32'h0);
    cfg_wr(12'h90, 32'h0);
    settle();
    if (intx_code.size() != 0) expect_eq("status is left: Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    data[0] = 32'hffff_ffff; data[1] = 32'hffff_ffff;
    mwr(Regs + 64'h1140, 2, 4'hf, 4'hf);
    settle();
    expect_eq("cleared", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("cleared: Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cause(2'd3, 20'd65);
    settle();
    rd32("no such event", Regs + 64'h1040, {20'd65, 2'd0, 2'd3, 4'd1, 4'd1});
    wr32(Regs + 64'h1040, 32'd1);
    rd32("noted", Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1148, 32'h2);
    // Without data credits, and with one header credit after another.
    infinite = 6'h3c;
    ph_limit = u_dut.u_post.u_ph.used_q; pd_limit = u_dut.u_post.u_pd.used_q;
    cause(2'd3, 20'd9);
    settle();
    expect_eq("no header credit", 64'(intx_code.size()), 64'd0);
    ph_limit = ph_limit + 8'd1;
    settle();
    expect_eq("a header credit", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    infinite = 6'h3f;
    cfg_wr(12'h44, 32'h3);
    settle();
    expect_eq("D3hot releases the wire", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_wr(12'h44, 32'h0);
    idle(1000);
    bring_up();
    cfg_wr(12'hb0, 32'h0);
    cause(2'd3, 20'd9);
    settle();
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_wr(12'h58, 32'h0000_a850);               // function reset
    idle(1000);
    expect_eq("a function reset releases the wire", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    bring_up();
    rd32("no status left", Regs + 64'h1140, 32'h0);
