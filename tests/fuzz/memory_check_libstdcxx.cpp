// What libstdc++ writes for std::map and std::list out of its own, uninstrumented code: the links
// of a node that is put in. The linker calls these in place of it (--wrap, in cmake/Tests.cmake),
// and MemorySanitizer is told that the links, and they alone, were written. What a node holds is
// written by code that is compiled here.
#include <sanitizer/msan_interface.h>

#include <list>
#include <map>

extern "C" {

void __real__ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_(
    bool is_left, std::_Rb_tree_node_base* node, std::_Rb_tree_node_base* parent,
    std::_Rb_tree_node_base& header);
void __real__ZNSt8__detail15_List_node_base7_M_hookEPS0_(std::__detail::_List_node_base* node,
                                                         std::__detail::_List_node_base* next);

void __wrap__ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_(
    bool is_left, std::_Rb_tree_node_base* node, std::_Rb_tree_node_base* parent,
    std::_Rb_tree_node_base& header) {
  __real__ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_(is_left, node, parent,
                                                                           header);
  __msan_unpoison(node, sizeof *node);
}

void __wrap__ZNSt8__detail15_List_node_base7_M_hookEPS0_(std::__detail::_List_node_base* node,
                                                         std::__detail::_List_node_base* next) {
  __real__ZNSt8__detail15_List_node_base7_M_hookEPS0_(node, next);
  __msan_unpoison(node, sizeof *node);
}

}  // extern "C"
